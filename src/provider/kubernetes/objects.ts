/** An object of the outer cluster, as far as all are alike. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: OwnerReference[];
    creationTimestamp?: string;
    deletionTimestamp?: string;
  };
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

export interface ObjectList<T> {
  items: T[];
}

export interface ContainerStatus {
  imageID?: string;
  state?: {
    running?: object;
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; reason?: string; message?: string; finishedAt?: string };
  };
}

/** A Pod as far as kinpod looks at it. */
export interface Pod extends KubernetesObject {
  spec?: { nodeName?: string; activeDeadlineSeconds?: number };
  status?: {
    phase?: string;
    hostIP?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Service extends KubernetesObject {
  spec: { clusterIP?: string; type?: string; ports?: { name?: string; port: number; nodePort?: number }[] };
}
