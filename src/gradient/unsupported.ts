// The error for what cannot be differentiated: names the operator, the node and what to do.
import type { OnnxNode } from '../onnx/model';
import { UserError } from '../shared/errors';
import { operatorOf } from './operatorRule';

const ADVICE =
  'Use a float32 export of the model with plain operators (torch.onnx.export, opset 11 to 21, not optimised, not quantised).';

/** @param why A sentence. */
export function unsupportedNode(node: OnnxNode, why: string): UserError {
  const operator = operatorOf(node);
  const name = node.name || node.outputs.find((output) => output !== '') || '';
  return new UserError(
    'modelUnsupported',
    `The gradient cannot be computed through the operator ${operator} (node "${name}"). ${why} ${ADVICE}`,
    { operator, node: name },
  );
}
