// The id under which fine-tuned weights can be chosen like a model, made of the name under which they are stored.

const PREFIX = 'tuned:';

export const isTuned = (id: string): boolean => id.startsWith(PREFIX);
export const tunedId = (stored: string): string => `${PREFIX}${stored}`;
export const storedId = (id: string): string => (isTuned(id) ? id.slice(PREFIX.length) : id);
