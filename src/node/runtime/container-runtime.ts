import type { Readable } from 'node:stream';
import type { Provider } from '../../provider/provider.ts';

/** An image in a node's own store. */
export interface StoredImage {
  /** Digest of the image's configuration, `sha256:…`: what Docker's classic store, Podman and CRI call its ID. */
  id: string;
  /** Full names, `docker.io/library/busybox:1`. */
  names: readonly string[];
  /** Digests of the manifests and indexes by which the store knows it: what Docker's containerd store calls its ID. */
  digests: readonly string[];
}

export interface ImportOptions {
  /** Take what is for other platforms too. Needs every blob of every platform. */
  everyPlatform: boolean;
  /** The archive has images without a name: give them one that says their digest, else they are not taken at all. */
  unnamed: boolean;
  signal?: AbortSignal | undefined;
}

/** How a node's container runtime is given images. */
export interface ContainerRuntime {
  /** Of the node, as images say it: `linux/amd64`. */
  readonly platform: string;
  /** As CRI sees them: what is listed here a pod can use. */
  images(signal?: AbortSignal): Promise<StoredImage[]>;
  /** Take the images of a tar archive, Docker's or OCI's layout, and unpack them. */
  importArchive(archive: Readable, options: ImportOptions): Promise<void>;
  /** Give an image another name; what had the name loses it. */
  tag(id: string, name: string, signal?: AbortSignal): Promise<void>;
}

/** A node with what is known of it when its runtime is looked at. */
export interface RunningNode {
  provider: Provider;
  node: string;
  platform: string;
  signal: AbortSignal | undefined;
}
