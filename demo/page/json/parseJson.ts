import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";

/** What is wrong with a text, and where: lines and columns count from 1. */
export interface JsonError {
  readonly column: number;
  readonly length: number;
  readonly line: number;
  readonly message: string;
  readonly offset: number;
}

export type ParsedJson =
  | { readonly error: JsonError; readonly value?: undefined }
  | { readonly error?: undefined; readonly value: unknown };

const OTHER = "this is not valid JSON";
const TRAILING_COMMA = "a trailing comma: JSON has none after the last value";

/** By what jsonc-parser calls it. */
const messages: Readonly<Record<string, string>> = {
  CloseBraceExpected: "a } or a comma is expected",
  CloseBracketExpected: "a ] or a comma is expected",
  ColonExpected: "a colon is expected",
  CommaExpected: "a comma is expected",
  EndOfFileExpected: "nothing may follow the value",
  InvalidCharacter: "this character is not allowed here",
  InvalidCommentToken: "JSON has no comments",
  InvalidEscapeCharacter: "there is no such escape",
  InvalidNumberFormat: "this is not a number",
  InvalidSymbol: "this is not a value: strings need double quotes",
  InvalidUnicode: "\\u takes four hexadecimal digits",
  PropertyNameExpected: "a property name in double quotes is expected",
  UnexpectedEndOfComment: "JSON has no comments",
  UnexpectedEndOfNumber: "the number is not complete",
  UnexpectedEndOfString: "the string has no closing quote",
  ValueExpected: "a value is expected",
};

/** Reads JSON, and tells where the first error is. */
export function parseJson(text: string): ParsedJson {
  const errors: ParseError[] = [];
  parse(text, errors, { allowTrailingComma: false, disallowComments: true });
  const [first] = errors;
  if (first === undefined) {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return { error: errorAt(text, 0, text.length, OTHER) };
    }
  }
  // jsonc-parser finds it at the bracket, which may be lines below the comma.
  const before = text.slice(0, first.offset).trimEnd();
  if (before.endsWith(",") && /^[\]}]/.test(text.slice(first.offset))) {
    return { error: errorAt(text, before.length - 1, 1, TRAILING_COMMA) };
  }

  return {
    error: errorAt(
      text,
      first.offset,
      first.length,
      messages[printParseErrorCode(first.error)] ?? OTHER,
    ),
  };
}

function errorAt(
  text: string,
  offset: number,
  length: number,
  message: string,
): JsonError {
  const lines = text.slice(0, offset).split("\n");

  return {
    column: (lines.at(-1)?.length ?? 0) + 1,
    length,
    line: lines.length,
    message,
    offset,
  };
}
