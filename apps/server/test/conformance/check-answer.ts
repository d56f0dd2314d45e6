import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { OpenApiDocument } from '../../src/openapi/finish-document.ts';
import type { DocumentedOperation } from '../../src/openapi/operations.ts';
import type { Answer } from './send.ts';

/** Answers that come before any route: a path or a head that is too long, broken HTTP. */
const beforeRoutes: readonly number[] = [404, 414, 431];

/** Compares answers with what the document says of them. */
export class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document as AnySchemaObject, 'document');
  }

  /** What is wrong with `answer`, or nothing. */
  faultOf({ path, method, responses }: DocumentedOperation, { status, type, body }: Answer): string | undefined {
    const response = responses?.[status] as OpenAPIV3_1.ResponseObject | undefined;
    if (response === undefined) {
      const code = status >= 400 ? codeOf(body) : undefined;
      if (beforeRoutes.includes(status) && (code === 'not_found' || code === 'bad_request')) return undefined;
      return `${status} is not documented: ${body.slice(0, 300)}`;
    }
    const mediaType = type.split(';', 1)[0]!;
    if (!(mediaType in (response.content ?? {}))) return `${status} is ${type}, which is not documented`;
    if (mediaType !== 'application/json') return undefined;
    const code = codeOf(body);
    if (status >= 400 && !response.description.split(', ').includes(code ?? '')) {
      return `${status} with the code ${code}, which is not documented`;
    }
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', mediaType, 'schema'];
    const validate = this.#schemaAt(pointer.map((part) => escapePart(String(part))).join('/'));
    return validate(JSON.parse(body)) ? undefined : `${status}: ${this.#ajv.errorsText(validate.errors)}`;
  }

  #schemaAt(pointer: string): ValidateFunction {
    const known = this.#compiled.get(pointer) ?? this.#ajv.compile({ $ref: `document#/${pointer}` });
    this.#compiled.set(pointer, known);
    return known;
  }
}

/** A part of a JSON pointer (RFC 6901 §3) in a URI fragment (§6). */
function escapePart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function codeOf(body: string): string | undefined {
  try {
    return JSON.parse(body).error?.code;
  } catch {
    return undefined;
  }
}
