// The overview of all heads as one picture: where each thumbnail lies; draws nothing.
/** Room for the numbers of heads above and of layers to the left. */
export const thumbnailMargin = { left: 26, top: 14 } as const;

const largestPitch = 33.5;
const smallestPitch = 18;

/** The grid of thumbnails in CSS pixels. `side` is the picture, `pitch` the distance to the next one. */
export interface ThumbnailGrid {
  readonly layers: number;
  readonly heads: number;
  readonly pitch: number;
  readonly side: number;
  readonly width: number;
  readonly height: number;
}

/** The largest thumbnails that fit, between 15 and 30 px; smaller spaces scroll. */
export function thumbnailGrid(layers: number, heads: number, width: number, height: number): ThumbnailGrid {
  const fits = Math.min(
    (width - thumbnailMargin.left) / Math.max(1, heads),
    (height - thumbnailMargin.top) / Math.max(1, layers),
  );
  const pitch = Math.min(largestPitch, Math.max(smallestPitch, Math.floor(fits * 2) / 2));
  return {
    layers,
    heads,
    pitch,
    side: Math.floor(pitch - 3.5),
    width: Math.ceil(thumbnailMargin.left + heads * pitch),
    height: Math.ceil(thumbnailMargin.top + layers * pitch),
  };
}

/** The top left corner of a thumbnail, in whole pixels. */
export function thumbnailCorner(grid: ThumbnailGrid, layer: number, head: number): { x: number; y: number } {
  return {
    x: Math.round(thumbnailMargin.left + head * grid.pitch) + 1,
    y: Math.round(thumbnailMargin.top + layer * grid.pitch) + 1,
  };
}

/** The thumbnail under a point. */
export function thumbnailAt(
  grid: ThumbnailGrid,
  x: number,
  y: number,
): { layer: number; head: number } | undefined {
  const head = Math.floor((x - thumbnailMargin.left) / grid.pitch);
  const layer = Math.floor((y - thumbnailMargin.top) / grid.pitch);
  return head >= 0 && head < grid.heads && layer >= 0 && layer < grid.layers ? { layer, head } : undefined;
}

/**
 * How many cells a side the engine may send: one device pixel each at least, so that scaling never drops a cell.
 */
export function cellsPerThumbnail(grid: ThumbnailGrid, pixelRatio: number): number {
  return Math.max(1, Math.floor(grid.side * pixelRatio));
}
