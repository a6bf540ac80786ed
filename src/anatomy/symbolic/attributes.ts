// Attributes of a node by name and type, with the operator's default where the file leaves one out.
import type { OnnxNode } from '../../onnx/model';

export function intAttribute(node: OnnxNode, name: string): number | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' ? attribute.value : undefined;
}

export function floatAttribute(node: OnnxNode, name: string): number | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === 'float' ? attribute.value : undefined;
}

export function stringAttribute(node: OnnxNode, name: string): string | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === 'string' ? attribute.value : undefined;
}

/** Also of an attribute that holds a single integer. */
export function intsAttribute(node: OnnxNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === 'int'
    ? [attribute.value]
    : attribute?.type === 'ints'
      ? attribute.value
      : undefined;
}
