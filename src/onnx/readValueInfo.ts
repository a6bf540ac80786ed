// Reads a ValueInfoProto: name, element type and shape of a tensor; other types (sequences, maps) keep only their name.
import { corruptAt } from './corrupt';
import { MAX_NAME_BYTES, MAX_RANK } from './limits';
import type { Dimension, ValueInfo } from './model';
import { readFrom } from './source';
import type { WireReader } from './wireReader';

export function readValueInfo(message: WireReader): ValueInfo {
  const start = message.offset;
  let name = '';
  let type: Omit<ValueInfo, 'name'> = { elementType: 0, dims: undefined };
  while (message.next()) {
    if (message.field === 1) {
      name = message.string('the name of a value', MAX_NAME_BYTES);
    } else if (message.field === 2) {
      type = readType(message.message('the type of a value'));
    } else {
      message.skip();
    }
  }
  return readFrom({ name, ...type }, message.bytes.subarray(start, message.end));
}

/** A TypeProto; only its tensor type is read. */
function readType(message: WireReader): Omit<ValueInfo, 'name'> {
  let elementType = 0;
  let dims: Dimension[] | undefined;
  while (message.next()) {
    if (message.field !== 1) {
      message.skip();
      continue;
    }
    const tensor = message.message('a tensor type');
    while (tensor.next()) {
      if (tensor.field === 1) {
        elementType = tensor.int('an element type');
      } else if (tensor.field === 2) {
        dims = readShape(tensor.message('a shape'));
      } else {
        tensor.skip();
      }
    }
  }
  return { elementType, dims };
}

function readShape(message: WireReader): Dimension[] {
  const dims: Dimension[] = [];
  while (message.next()) {
    if (message.field !== 1) {
      message.skip();
      continue;
    }
    if (dims.length >= MAX_RANK) {
      throw corruptAt(message.offset, 'a shape has too many dimensions', `at most ${MAX_RANK}`);
    }
    dims.push(readDimension(message.message('a dimension')));
  }
  return dims;
}

function readDimension(message: WireReader): Dimension {
  let dimension: Dimension;
  while (message.next()) {
    if (message.field === 1) {
      dimension = message.int('a dimension');
    } else if (message.field === 2) {
      dimension = message.string('a symbolic dimension', MAX_NAME_BYTES) || undefined;
    } else {
      message.skip();
    }
  }
  return dimension;
}
