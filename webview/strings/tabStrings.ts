// Words of the row of views.

export const tabStrings = {
  earlier: 'Earlier views',
  later: 'More views',
} as const;
