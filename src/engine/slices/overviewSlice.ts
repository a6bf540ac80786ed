// Thumbnails of every head of one kind of attention, in one buffer.
import { aggregate, aggregateMarks } from '../../shared/aggregate';
import { blockSize, shrinkInto, shrinkMarksInto } from '../../shared/overviewBlocks';
import type { Overview, OverviewRequest } from '../../shared/trace';
import type { Trace } from '../trace';
import { headView } from './heads';
import { maskedCells } from './maskedCells';

/** `[layer, head, rows, columns]`; layers whose weights are not exposed stay empty. */
export async function overviewSlice(
  trace: Trace,
  request: OverviewRequest,
  signal?: AbortSignal,
): Promise<Overview> {
  const { kind, batch, unit, maxCells } = request;
  const run = trace.run(kind);
  const sites = trace.attentions(kind);
  const { queries, keys } = trace.axes(kind, batch, unit);
  const block = blockSize(queries.length, keys.length, maxCells);
  const rows = Math.ceil(queries.length / block);
  const columns = Math.ceil(keys.length / block);
  const heads = Math.max(0, ...sites.map((site) => site.heads));
  const data = new Float32Array(sites.length * heads * rows * columns);
  const masked = new Uint8Array(data.length);
  for (const [layer, site] of sites.entries()) {
    const captured = await run.capture(site.name, 'weights', signal);
    for (let head = 0; captured && head < site.heads; head++) {
      const offset = (layer * heads + head) * rows * columns;
      const matrix = headView(captured, site, batch, head);
      shrinkInto(data, offset, unit === 'words' ? aggregate(matrix, queries, keys) : matrix, block);
      if (head > 0 && !run.stack.replacedMasks.has(site.name)) {
        // The mask of an attention is the same for all of its heads, unless an experiment put it there.
        masked.copyWithin(offset, offset - rows * columns, offset);
        continue;
      }
      const cells = await maskedCells(run, site, batch, matrix, signal, head);
      const marks = unit === 'words' ? aggregateMarks(cells, matrix.columns, queries, keys) : cells;
      shrinkMarksInto(masked, offset, marks, queries.length, keys.length, block);
    }
  }
  return { kind, layers: sites.length, heads, rows, columns, block, data, masked };
}
