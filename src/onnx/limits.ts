// Bounds on what is believed of a model file, each with its reason; no file within them can exhaust memory or the stack.

/** Protobuf, and the runtime with it, cannot hold a message of 2 GiB or more: larger models use external data. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Nodes of all graphs together. The largest exports known have some 50,000; an empty node takes 5 bytes in a file and a kilobyte in memory. */
export const MAX_NODES = 250_000;

/** Initializers and tensor attributes of all graphs together; the same reason. */
export const MAX_TENSORS = 250_000;

/** Inputs, outputs and value infos of all graphs together; exporters write one value info per tensor. */
export const MAX_VALUE_INFOS = 1_000_000;

/** Input and output names of all nodes together, attributes of all nodes together. */
export const MAX_NODE_PARTS = 10_000_000;

/** Branches within branches. Exporters reach 3; each level is a level of recursion here. */
export const MAX_GRAPH_DEPTH = 24;

/** Bytes of a name. Exporters join module paths to names of a few hundred bytes. */
export const MAX_NAME_BYTES = 16_384;

/** Bytes of a string attribute; tokenizer operators keep vocabularies in them, which are not read. */
export const MAX_STRING_BYTES = 16 * 2 ** 20;

/** Numbers or strings in the attributes of all nodes together. Weights do not belong there. */
export const MAX_ATTRIBUTE_ITEMS = 4_000_000;

/** Axes of a tensor; the runtime's kernels stop at 8 or fewer. */
export const MAX_RANK = 64;

/** Elements of a tensor: beyond it, indices are no longer exact in a double. */
export const MAX_ELEMENTS = Number.MAX_SAFE_INTEGER;

/** Entries of external_data of one tensor; the standard knows five. */
export const MAX_EXTERNAL_ENTRIES = 32;

/** Operator sets a model may import. */
export const MAX_OPSETS = 256;
