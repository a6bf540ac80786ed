// Keeps what was drawn on a canvas as a list of calls, so that the same drawing can be written out as vectors later.

/** A method with its arguments, or `=` with a property and its value. */
export type DrawCall = readonly [name: string, ...values: readonly unknown[]];

const methods = [
  'save',
  'restore',
  'translate',
  'rotate',
  'scale',
  'beginPath',
  'closePath',
  'moveTo',
  'lineTo',
  'bezierCurveTo',
  'quadraticCurveTo',
  'arc',
  'rect',
  'roundRect',
  'clip',
  'fill',
  'stroke',
  'fillRect',
  'strokeRect',
  'fillText',
  'drawImage',
  'setLineDash',
] as const satisfies readonly (keyof CanvasRenderingContext2D)[];

const properties = [
  'fillStyle',
  'strokeStyle',
  'lineWidth',
  'font',
  'textAlign',
  'textBaseline',
  'globalAlpha',
  'globalCompositeOperation',
] as const satisfies readonly (keyof CanvasRenderingContext2D)[];

/** A drawing that goes on for longer than this is not kept: nobody could open it as a picture. */
const longest = 400_000;

/** What has been drawn on one canvas since it was cleared. */
export class Recording {
  private calls: DrawCall[] = [];

  get all(): readonly DrawCall[] {
    return this.calls;
  }

  add(call: DrawCall): void {
    if (this.calls.length < longest) {
      this.calls.push(call);
    }
  }

  clear(): void {
    this.calls = [];
  }
}

const recordings = new WeakMap<HTMLCanvasElement, Recording>();

/** From now on, everything that is drawn with this context is kept as well. */
export function record(context: CanvasRenderingContext2D): Recording {
  const recording = new Recording();
  recordings.set(context.canvas, recording);
  for (const name of methods) {
    const draw = Reflect.get(context, name) as (...values: readonly unknown[]) => unknown;
    Object.defineProperty(context, name, {
      value: (...values: readonly unknown[]) => {
        recording.add([name, ...values]);
        return draw.apply(context, [...values]);
      },
    });
  }
  for (const name of properties) {
    const own = Object.getOwnPropertyDescriptor(CanvasRenderingContext2D.prototype, name);
    Object.defineProperty(context, name, {
      get: () => own?.get?.call(context) as unknown,
      set: (value: unknown) => {
        recording.add(['=', name, value]);
        own?.set?.call(context, value);
      },
    });
  }
  return recording;
}

/** What is on a canvas; undefined where it was not recorded. */
export function recordingOf(canvas: HTMLCanvasElement): readonly DrawCall[] | undefined {
  return recordings.get(canvas)?.all;
}
