// Writes the protobuf wire format; large pieces are kept as parts and copied once, when the whole is joined.
import { UserError } from '../shared/errors';
import { MAX_FILE_BYTES } from './limits';
import { Wire } from './wireReader';

/** Bytes that are produced only when they are copied to their final place. */
export interface LazyBytes {
  readonly length: number;
  /** Fills `target`, which has exactly `length` bytes. */
  writeTo(target: Uint8Array<ArrayBuffer>): void;
}

/** A piece of a message being written. */
export type Part = Uint8Array<ArrayBuffer> | LazyBytes;

/** Pieces from this size on are not copied into the writer's own buffer. */
const LARGE = 1024;

/** Bytes of the length that {@link WireWriter.wideMessage} writes: enough for 2 GB. */
export const WIDE_LENGTH = 5;

const encoder = new TextEncoder();

/** Builds one message. Fields are appended in the order of the calls. */
export class WireWriter {
  readonly #done: Part[] = [];
  #doneLength = 0;
  #buffer = new Uint8Array(64);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#doneLength + this.#length;
  }

  /** An int64 field. Integers beyond 2^53 are exact only at the ends of the int64 range, to which they are clamped. */
  int(field: number, value: number): this {
    this.#varint(field * 8 + Wire.varint);
    this.#int(value);
    return this;
  }

  /** A repeated int64 field, packed. */
  ints(field: number, values: readonly number[]): this {
    const packed = new WireWriter();
    for (const value of values) {
      packed.#int(value);
    }
    return this.message(field, packed);
  }

  float(field: number, value: number): this {
    this.#varint(field * 8 + Wire.fixed32);
    this.#float(value);
    return this;
  }

  /** A repeated float field, packed. */
  floats(field: number, values: readonly number[]): this {
    const packed = new WireWriter();
    for (const value of values) {
      packed.#float(value);
    }
    return this.message(field, packed);
  }

  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  bytes(field: number, value: Part): this {
    this.#varint(field * 8 + Wire.bytes);
    this.#varint(value.length);
    return this.raw(value);
  }

  message(field: number, message: WireWriter): this {
    this.#varint(field * 8 + Wire.bytes);
    this.#varint(message.length);
    for (const part of message.parts()) {
      this.raw(part);
    }
    return this;
  }

  /** Like {@link message}, with a length that always takes 5 bytes, so that the place of the message is known beforehand. */
  wideMessage(field: number, message: WireWriter): this {
    this.#varint(field * 8 + Wire.bytes);
    this.#reserve(WIDE_LENGTH);
    let rest = message.length;
    for (let byte = 1; byte < WIDE_LENGTH; byte++) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
    for (const part of message.parts()) {
      this.raw(part);
    }
    return this;
  }

  /** Bytes as they are: fields that have their tags already. */
  raw(part: Part): this {
    if (part instanceof Uint8Array && part.length < LARGE) {
      this.#reserve(part.length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
    } else {
      this.#flush();
      this.#done.push(part);
      this.#doneLength += part.length;
    }
    return this;
  }

  /** What was written, in order. */
  parts(): readonly Part[] {
    this.#flush();
    return this.#done;
  }

  /** What was written, as one new buffer. */
  finish(): Uint8Array<ArrayBuffer> {
    return joinParts(this.parts());
  }

  #flush(): void {
    if (this.#length > 0) {
      this.#done.push(this.#buffer.subarray(0, this.#length));
      this.#doneLength += this.#length;
      this.#buffer = new Uint8Array(64);
      this.#length = 0;
    }
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) {
      const grown = new Uint8Array(2 * (this.#length + bytes));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  #int(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.#varint(value);
      return;
    }
    const clamped = value >= 2 ** 63 ? 2n ** 63n - 1n : value < -(2 ** 63) ? -(2n ** 63n) : BigInt(value);
    this.#reserve(10);
    let rest = BigInt.asUintN(64, clamped);
    while (rest > 127n) {
      this.#buffer[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #float(value: number): void {
    this.#reserve(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
  }
}

/** Bytes that a length or number takes. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) {
    bytes++;
  }
  return bytes;
}

/**
 * Copies the parts into one buffer.
 *
 * @throws UserError `modelTooLarge` beyond what protobuf can hold.
 */
export function joinParts(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (total > MAX_FILE_BYTES) {
    throw new UserError(
      'modelTooLarge',
      `With this change the model would have ${total} bytes; one ONNX file can hold at most 2 GB. Choose a smaller model.`,
      { bytes: total },
    );
  }
  const joined = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      joined.set(part, at);
    } else {
      part.writeTo(joined.subarray(at, at + part.length));
    }
    at += part.length;
  }
  return joined;
}
