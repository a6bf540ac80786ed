// Reads the protobuf wire format of a byte range without copying; knows nothing about ONNX.
import { corruptAt } from './corrupt';

/** Wire types of protobuf that ONNX uses; the group types (3, 4) are obsolete and refused. */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const WIRE_NAMES = ['a varint', '8 bytes', 'a length and bytes', 'a group', 'a group end', '4 bytes'];

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A cursor over the fields of one message. Call {@link next}, look at {@link field}, then take the value by exactly
 * one of the methods or {@link skip}. Every method throws `modelCorrupt` with the offset instead of reading past `end`.
 */
export class WireReader {
  /** Number of the current field. */
  field = 0;
  /** Wire type of the current field. */
  wire = 0;
  /** Where the tag of the current field begins. */
  fieldStart = 0;
  #offset: number;

  constructor(
    readonly bytes: Uint8Array<ArrayBuffer>,
    start: number,
    readonly end: number,
  ) {
    this.#offset = start;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Steps to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#offset >= this.end) {
      return false;
    }
    this.fieldStart = this.#offset;
    const tag = this.#varint();
    this.wire = tag & 7;
    this.field = tag >>> 3;
    if (tag > 0xffffffff || this.field === 0) {
      throw corruptAt(this.fieldStart, 'a field has an impossible number', 'the tag of a protobuf field');
    }
    return true;
  }

  /** Passes over the value of the current field. */
  skip(): void {
    switch (this.wire) {
      case Wire.varint:
        this.#varint();
        return;
      case Wire.fixed64:
        this.#take(8);
        return;
      case Wire.bytes:
        this.#take(this.#varint());
        return;
      case Wire.fixed32:
        this.#take(4);
        return;
      default:
        throw corruptAt(
          this.fieldStart,
          `field ${this.field} has wire type ${this.wire}`,
          'wire type 0, 1, 2 or 5',
        );
    }
  }

  /** A signed 64-bit integer as a number (exact up to 2^53). */
  int(what: string): number {
    this.#expect(Wire.varint, what);
    return this.#varint(true);
  }

  float(what: string): number {
    this.#expect(Wire.fixed32, what);
    const start = this.#take(4);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 4).getFloat32(0, true);
  }

  /** The 4 or 8 bytes of a fixed-width field as a view. */
  fixed(): Uint8Array<ArrayBuffer> {
    const length = this.wire === Wire.fixed64 ? 8 : 4;
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Length-delimited bytes as a view. */
  view(what: string): Uint8Array<ArrayBuffer> {
    this.#expect(Wire.bytes, what);
    const length = this.#varint();
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** An embedded message; the cursor moves past it. */
  message(what: string): WireReader {
    this.#expect(Wire.bytes, what);
    const length = this.#varint();
    const start = this.#take(length);
    return new WireReader(this.bytes, start, start + length);
  }

  /** A UTF-8 string of at most `limit` bytes. */
  string(what: string, limit: number): string {
    this.#expect(Wire.bytes, what);
    const length = this.#varint();
    const start = this.#take(length);
    if (length > limit) {
      throw corruptAt(start, `${what} is ${length} bytes long`, `at most ${limit}`);
    }
    const text = decodeUtf8(this.bytes, start, start + length);
    if (text === undefined) {
      throw corruptAt(start, `${what} is not UTF-8`, 'text');
    }
    return text;
  }

  /** Appends the integers of a repeated field, packed or not, to `target`, which may not outgrow `limit`. */
  ints(target: number[], what: string, limit: number): void {
    const check = (): void => {
      if (target.length >= limit) {
        throw corruptAt(this.#offset, `${what} has too many numbers`, `at most ${limit}`);
      }
    };
    if (this.wire === Wire.varint) {
      check();
      target.push(this.#varint(true));
      return;
    }
    const packed = this.message(what);
    while (packed.#offset < packed.end) {
      check();
      target.push(packed.#varint(true));
    }
  }

  /** Appends the 32-bit floats of a repeated field, packed or not, to `target`, which may not outgrow `limit`. */
  floats(target: number[], what: string, limit: number): void {
    const bytes = this.wire === Wire.fixed32 ? this.fixed() : this.view(what);
    if (bytes.length % 4 !== 0 || target.length + bytes.length / 4 > limit) {
      throw corruptAt(
        this.fieldStart,
        `${what} has ${bytes.length} bytes`,
        `a multiple of 4, at most ${limit} numbers`,
      );
    }
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) {
      target.push(data.getFloat32(at, true));
    }
  }

  /** Calls `visit` with the low and high 32 bits of every varint in a repeated field, packed or not. */
  eachVarint(what: string, visit: (low: number, high: number) => void): void {
    const single = this.wire === Wire.varint;
    const packed = single ? this : this.message(what);
    do {
      if (!single && packed.#offset >= packed.end) {
        return;
      }
      packed.#varint(true);
      visit(packed.#low, packed.#high);
    } while (!single);
  }

  #low = 0;
  #high = 0;

  /** One varint; leaves its 64 bits in `#low` and `#high`. */
  #varint(signed = false): number {
    const { bytes, end } = this;
    let at = this.#offset;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) {
        throw corruptAt(this.#offset, 'the data end inside a number', 'more bytes');
      }
      if (shift > 63) {
        throw corruptAt(this.#offset, 'a number is longer than 10 bytes', 'a protobuf varint');
      }
      const byte = bytes[at++] ?? 0;
      const bits = byte & 127;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (byte < 128) {
        break;
      }
    }
    this.#offset = at;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
    return (signed ? high | 0 : high >>> 0) * 2 ** 32 + this.#low;
  }

  #take(length: number): number {
    const start = this.#offset;
    if (length > this.end - start) {
      throw corruptAt(
        start,
        `${length} bytes were announced but ${this.end - start} remain`,
        'the rest of the file; it may be cut off',
      );
    }
    this.#offset = start + length;
    return start;
  }

  #expect(wire: number, what: string): void {
    if (this.wire !== wire) {
      throw corruptAt(
        this.fieldStart,
        `${what} is stored as ${WIRE_NAMES[this.wire] ?? 'an unknown type'}`,
        WIRE_NAMES[wire] ?? '',
      );
    }
  }
}

/** The text of a byte range, or undefined when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch (error) {
    if (error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}
