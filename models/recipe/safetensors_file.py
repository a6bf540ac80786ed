"""Reads and writes safetensors files; no memory mapping, no metadata."""
import json
import struct
from pathlib import Path
from typing import Dict

import numpy as np

# Format: https://github.com/huggingface/safetensors#format (8 bytes header length, JSON header, raw data).
_TO_NUMPY = {
    'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'I64': '<i8', 'I32': '<i4', 'U8': '|u1', 'BOOL': '|b1',
}
_FROM_NUMPY = {np.dtype(value): key for key, value in _TO_NUMPY.items()}


def read(path: Path) -> Dict[str, np.ndarray]:
    """All tensors of a file by name; bfloat16 is refused with a KeyError."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + length])
    header.pop('__metadata__', None)
    body = data[8 + length:]
    return {
        name: np.frombuffer(body[slice(*entry['data_offsets'])], _TO_NUMPY[entry['dtype']]).reshape(entry['shape'])
        for name, entry in header.items()
    }


def write(path: Path, tensors: Dict[str, np.ndarray]) -> None:
    """Writes tensors in the order of the dictionary, each one contiguous and little-endian."""
    header, blocks, offset = {}, [], 0
    for name, array in tensors.items():
        array = np.ascontiguousarray(array).reshape(array.shape)
        block = array.astype(array.dtype.newbyteorder('<')).tobytes()
        header[name] = {
            'dtype': _FROM_NUMPY[array.dtype],
            'shape': list(array.shape),
            'data_offsets': [offset, offset + len(block)],
        }
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    Path(path).write_bytes(struct.pack('<Q', len(text)) + text + b''.join(blocks))
