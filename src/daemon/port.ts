// The daemon's end of a virtio-serial port, as one Duplex for each time that the host connects. The
// only reader and writer of the port; whoever serves a connection sees an ordinary stream.
//
// Node can't poll a character device, so reads and writes block a thread of its pool. The kernel
// gives each the meaning that is needed (drivers/char/virtio_console.c): with no host connected a
// read ends at once with 0 bytes (so it must not be repeated), while a write waits until one
// connects. So a connection begins with writing an empty line, which a client ignores, and ends with
// a read of 0 bytes. A process with such a thread can't exit(): it has to be killed.
//
// A host that disconnects and connects again before the reading thread ran is not noticed: both are
// one connection then. What the first had under way goes on (a run ends at its time limit); answers
// to it are nobody's, and the client ignores them. The lab connects once to each guest.

import { type FileHandle, open } from "node:fs/promises";
import { Duplex } from "node:stream";

const readBytes = 64 * 1024;

export class NodePort {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.alloc(readBytes);
  #current: PortConnection | null = null;
  #reading = false;
  /** Writes are in turn, also those that a connection left behind. */
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<NodePort> {
    return new NodePort(await open(path, "r+"));
  }

  /** Waits for the host. One connection at a time: take the next when the last has ended. */
  async nextConnection(): Promise<Duplex> {
    await this.#write(Buffer.from("\n"), () => true);
    const connection = new PortConnection(
      () => void this.#fill(),
      (bytes) => this.#write(bytes, () => this.#current === connection),
    );
    this.#current = connection;
    return connection;
  }

  /** Reads once, for whichever connection is the current one when something arrives. */
  async #fill(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, readBytes, null);
      this.#reading = false;
      this.#current?.push(
        bytesRead === 0 ? null : Buffer.from(this.#buffer.subarray(0, bytesRead)),
      );
    } catch (thrown) {
      this.#reading = false;
      this.#current?.destroy(thrown as Error);
    }
  }

  #write(bytes: Uint8Array, wanted: () => boolean): Promise<void> {
    const write = this.#lastWrite.then(async () => {
      // The kernel takes at most 32 KiB at once.
      for (let offset = 0; offset < bytes.length && wanted(); ) {
        offset += (await this.#file.write(bytes, offset, bytes.length - offset, null)).bytesWritten;
      }
    });
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }
}

class PortConnection extends Duplex {
  readonly #fill: () => void;
  readonly #send: (bytes: Uint8Array) => Promise<void>;

  constructor(fill: () => void, send: (bytes: Uint8Array) => Promise<void>) {
    super({ allowHalfOpen: false });
    this.#fill = fill;
    this.#send = send;
  }

  override _read(): void {
    this.#fill();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#send(chunk).then(() => done(), done);
  }
}
