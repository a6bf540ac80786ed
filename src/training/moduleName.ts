// What PyTorch calls the module that a weight of an ONNX file belongs to.

/** What exporters and our loader put behind the name of a weight. */
const ENDINGS = /(\/float32)?$/;
const WEIGHT = /\.(weight|weight_t|kernel)$/;
const BIAS = /\.bias$/;
/** `onnx::MatMul_123`: the exporter folded a transposition and lost the name. */
const ANONYMOUS = /^onnx::/;

/**
 * From the weight's own name, else its bias's, else the path of the node that reads it
 * (`/model/layers.0/self_attn/q_proj/MatMul`).
 */
export function moduleName(weight: string, bias: string | undefined, node: string): string {
  const own = weight.replace(ENDINGS, '');
  if (!ANONYMOUS.test(own) && WEIGHT.test(own)) {
    return own.replace(WEIGHT, '');
  }
  const beside = bias?.replace(ENDINGS, '');
  if (beside !== undefined && BIAS.test(beside)) {
    return beside.replace(BIAS, '');
  }
  const path = node.split('/').filter((part) => part !== '');
  return path.length > 1 ? path.slice(0, -1).join('.') : own;
}
