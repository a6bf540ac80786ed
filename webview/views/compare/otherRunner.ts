// Keeps the second side of the comparison running for what is wanted: begins, follows, stops and frees it, and never gives out a stale one.
import type { OtherRequest, OtherRun } from '../../../src/shared/contrast';
import { isCancelled, messageOf } from '../../../src/shared/errors';
import type { PanelHost, Progress } from '../../../src/shared/protocol';

export type OtherStatus =
  | { readonly status: 'none' }
  | { readonly status: 'running'; readonly progress: Progress | undefined }
  | { readonly status: 'stopped' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly run: OtherRun };

const none = { status: 'none' } as const;

export class OtherRunner {
  private state: OtherStatus = none;
  /** What the state is about. */
  private about: { readonly content: string; readonly trace: string } | undefined;
  private abort: AbortController | undefined;

  constructor(
    private readonly host: Pick<PanelHost, 'runOther' | 'releaseOther'>,
    private readonly changed: () => void,
    private readonly log: (message: string) => void,
  ) {}

  /**
   * Call as often as you like with what should be beside the first run.
   *
   * @param content What the request stands for, apart from the name of the run: a run that was lost and made again has the
   *   same. What failed or was stopped is not tried again while it stays the same.
   * @param request Undefined where nothing is compared: what there was is freed.
   */
  want(content: string, request: OtherRequest | undefined): OtherStatus {
    if (!request) {
      this.clear();
      return this.state;
    }
    const { about } = this;
    const key = JSON.stringify([content, request.batch, request.side]);
    const sameContent = about?.content === key;
    const ended = this.state.status === 'failed' || this.state.status === 'stopped';
    if (!sameContent || (about.trace !== request.trace && !ended)) {
      void this.begin(key, request);
    }
    return this.state;
  }

  /** Forgets a failure or a stop, so that the next `want` runs it. */
  retry(): void {
    this.about = undefined;
  }

  /** The user does not want to wait. */
  stop(): void {
    if (this.state.status === 'running') {
      this.abort?.abort();
      this.state = { status: 'stopped' };
      this.changed();
    }
  }

  private clear(): void {
    if (this.about) {
      this.abort?.abort();
      this.about = undefined;
      this.state = none;
      this.host.releaseOther().catch((error: unknown) => this.log(messageOf(error)));
    }
  }

  private async begin(content: string, request: OtherRequest): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.about = { content, trace: request.trace };
    this.state = { status: 'running', progress: undefined };
    try {
      const run = await this.host.runOther(request, {
        signal: abort.signal,
        onProgress: (progress) => this.settle(abort, { status: 'running', progress }),
      });
      this.settle(abort, { status: 'ready', run });
    } catch (error) {
      // Cancelled by the host: another first run is on its way, and will be asked for then.
      if (!isCancelled(error)) {
        this.settle(abort, { status: 'failed', message: messageOf(error) });
      }
    }
  }

  private settle(abort: AbortController, state: OtherStatus): void {
    if (this.abort === abort && !abort.signal.aborted) {
      this.state = state;
      this.changed();
    }
  }
}
