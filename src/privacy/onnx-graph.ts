// Writes an ONNX model as bytes, so that weights published in another format can run on ONNX Runtime without a converter.
// Field numbers: onnx.proto3 of ONNX 1.16 (IR version 8, operator set 17); wire format: protobuf.dev/programming-guides/encoding.

type Chunks = readonly Uint8Array[];
type Attribute = number | string | readonly number[];
type Dimension = number | string;

const WIRE = { varint: 0, bytes: 2 } as const;
const FLOAT = 1;
const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 } as const;

/** A graph in the making. Names connect: a node's input is a tensor, a graph input or another node's output of that name. */
export class OnnxGraph {
  readonly #fields: Chunks[] = [];
  #nodes = 0;

  /** A constant of 32-bit floats, row-major; returns its name. Throws RangeError if the shape does not fit the numbers. */
  constant(name: string, shape: readonly number[], values: Float32Array): string {
    const expected = shape.reduce((product, size) => product * size, 1);
    if (expected !== values.length)
      throw new RangeError(`${name}: ${values.length} values for shape ${shape.join("x")}`);
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const dims = shape.map((size) => number(1, size));
    this.#fields.push(message(5, [...dims, number(2, FLOAT), text(8, name), message(9, [[raw]])]));
    return name;
  }

  /** One operation with one output; returns the output's name, made up unless given. */
  node(
    operation: string,
    {
      inputs,
      output,
      attributes = {},
    }: { inputs: readonly string[]; output?: string; attributes?: Readonly<Record<string, Attribute>> },
  ): string {
    this.#nodes += 1;
    const result = output ?? `${operation}:${this.#nodes}`;
    this.#fields.push(
      message(1, [
        ...inputs.map((input) => text(1, input)),
        text(2, result),
        text(4, operation),
        ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
      ]),
    );
    return result;
  }

  /** Declares an input of 32-bit floats; a dimension with a name instead of a size is free. */
  input(name: string, shape: readonly Dimension[]): string {
    this.#fields.push(message(11, valueInfo(name, shape)));
    return name;
  }

  /** Declares that the value of this name is an output. */
  output(name: string, shape: readonly Dimension[]): void {
    this.#fields.push(message(12, valueInfo(name, shape)));
  }

  /** The whole ModelProto. */
  bytes(): Buffer {
    const graph = [...this.#fields, text(2, "graph")];
    const operators = [text(1, ""), number(2, 17)];
    return Buffer.concat([number(1, 8), message(7, graph), message(8, operators)].flat());
  }
}

function valueInfo(name: string, shape: readonly Dimension[]): Chunks[] {
  const dims = shape.map((size) => message(1, [typeof size === "string" ? text(2, size) : number(1, size)]));
  const tensor = [number(1, FLOAT), message(2, dims)];
  return [text(1, name), message(2, [message(1, tensor)])];
}

function attribute(name: string, value: Attribute): Chunks[] {
  if (typeof value === "number") return [text(1, name), number(3, value), number(20, ATTRIBUTE_TYPE.int)];
  if (typeof value === "string") return [text(1, name), text(4, value), number(20, ATTRIBUTE_TYPE.string)];
  return [text(1, name), ...value.map((each) => number(8, each)), number(20, ATTRIBUTE_TYPE.ints)];
}

function text(field: number, value: string): Chunks {
  return message(field, [[Buffer.from(value)]]);
}

function number(field: number, value: number): Chunks {
  return [varint(field * 8 + WIRE.varint), varint(value)];
}

/** A length-delimited field. Chunks are joined once at the end: the weights are 22 MB. */
function message(field: number, parts: readonly Chunks[]): Chunks {
  const chunks = parts.flat();
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return [varint(field * 8 + WIRE.bytes), varint(length), ...chunks];
}

function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a length, size or type: ${value}`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}
