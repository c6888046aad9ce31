/** The slice of `@grpc/grpc-js` that we use. It is an optional peer: our types must not need it either. */
export interface Grpc {
  readonly Client: new (address: string, credentials: unknown, options: object) => GrpcClient;
  readonly Metadata: new () => GrpcMetadata;
  readonly credentials: {
    createInsecure(): unknown;
    createSsl(ca: Buffer | null, key: Buffer | null, cert: Buffer | null): unknown;
  };
}

export interface GrpcMetadata {
  set(key: string, value: string | Buffer): void;
  get(key: string): readonly (string | Buffer)[];
}

export interface GrpcClient {
  makeUnaryRequest(
    path: string,
    serialize: (value: Buffer) => Buffer,
    deserialize: (bytes: Buffer) => Buffer,
    argument: Buffer,
    metadata: GrpcMetadata,
    options: { readonly deadline: number },
    done: (error: GrpcError | null, answer?: Buffer) => void,
  ): { cancel(): void };
  close(): void;
}

export interface GrpcError extends Error {
  readonly code: number;
  readonly metadata?: GrpcMetadata;
}
