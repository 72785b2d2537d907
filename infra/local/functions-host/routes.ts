import { HostFailure } from './failure.ts';
import { asciiLower } from './request-target.ts';

/** The route constraints this host knows; ASP.NET has more, which are refused at start. */
const constraints = {
  alpha: /^[a-z]+$/i,
  bool: /^(?:true|false)$/i,
  guid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  int: /^[+-]?\d{1,10}$/,
} as const;

type ConstraintName = keyof typeof constraints;

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly constraint: ConstraintName | undefined; readonly optional: boolean }
  | { readonly kind: 'catchAll'; readonly name: string };

export type Route<T> = { readonly template: string; readonly methods: readonly string[]; readonly value: T };

export type RouteMatch<T> =
  | { readonly kind: 'found'; readonly value: T; readonly params: ReadonlyMap<string, string> }
  | { readonly kind: 'methodNotAllowed'; readonly allow: readonly string[] }
  | { readonly kind: 'notFound' };

export type RouteTable<T> = { readonly find: (method: string, path: string) => RouteMatch<T> };

/**
 * Literal segments win over parameters with a constraint, those over parameters without, those over a catch-all, from left to right
 * (ASP.NET's `RoutePrecedence`). Two routes that are equal but for names and share a method are refused, as the cloud's host does.
 * Throws `invalidRoute`.
 */
export function makeRouteTable<T>(routes: readonly Route<T>[]): RouteTable<T> {
  const parsed = routes.map((route) => ({ ...route, segments: parseTemplate(route.template) })).sort(byPrecedence);
  refuseConflicts(parsed);
  return {
    find: (method, path) => {
      const matches = parsed.flatMap((route) => {
        const params = matchSegments(route.segments, path);
        return params === undefined ? [] : [{ route, params }];
      });
      const chosen = matches.find(({ route }) => route.methods.includes(method));
      if (chosen !== undefined) {
        return { kind: 'found', value: chosen.route.value, params: chosen.params };
      }
      if (matches.length === 0) {
        return { kind: 'notFound' };
      }
      return { kind: 'methodNotAllowed', allow: [...new Set(matches.flatMap(({ route }) => route.methods))].sort() };
    },
  };
}

function parseTemplate(template: string): Segment[] {
  const trimmed = template.replace(/^\/+|\/+$/g, '');
  const segments = trimmed === '' ? [] : trimmed.split('/').map((text) => parseSegment(text, template));
  const misplaced = segments
    .slice(0, -1)
    .find((segment) => segment.kind === 'catchAll' || (segment.kind === 'parameter' && segment.optional));
  if (misplaced !== undefined) {
    throw new HostFailure('invalidRoute', `Route "${template}": only the last segment may be optional or a catch-all.`);
  }
  return segments;
}

function parseSegment(text: string, template: string): Segment {
  if (/^[^{}]+$/.test(text)) {
    return { kind: 'literal', text };
  }
  const catchAll = /^\{\*\*?([A-Za-z_]\w*)\}$/.exec(text);
  if (catchAll?.[1] !== undefined) {
    return { kind: 'catchAll', name: catchAll[1] };
  }
  const parameter = /^\{([A-Za-z_]\w*)(?::([a-z]+))?(\?)?\}$/.exec(text);
  if (parameter?.[1] === undefined) {
    throw new HostFailure('invalidRoute', `Route "${template}": the segment "${text}" is not one this host understands.`);
  }
  const [, name, constraint, optional] = parameter;
  if (constraint !== undefined && !isConstraint(constraint)) {
    throw new HostFailure('invalidRoute', `Route "${template}": this host does not know the constraint "${constraint}".`);
  }
  return { kind: 'parameter', name, constraint, optional: optional !== undefined };
}

function isConstraint(name: string): name is ConstraintName {
  return Object.hasOwn(constraints, name);
}

/** Values are as in the decoded path; an absent optional segment and an empty catch-all give no parameter. */
function matchSegments(segments: readonly Segment[], path: string): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  let rest: string | undefined = path.replace(/^\//, '');
  for (const segment of segments) {
    if (segment.kind === 'catchAll') {
      if (rest) {
        params.set(segment.name, rest);
      }
      return params;
    }
    const [head, tail] = splitHead(rest ?? '');
    if (!accepts(segment, head)) {
      return undefined;
    }
    if (segment.kind === 'parameter' && head !== '') {
      params.set(segment.name, head);
    }
    rest = tail;
  }
  return rest === undefined || rest === '' ? params : undefined;
}

function splitHead(rest: string): [string, string | undefined] {
  const slashAt = rest.indexOf('/');
  return slashAt === -1 ? [rest, undefined] : [rest.slice(0, slashAt), rest.slice(slashAt + 1)];
}

function accepts(segment: Exclude<Segment, { kind: 'catchAll' }>, text: string): boolean {
  if (segment.kind === 'literal') {
    return asciiLower(segment.text) === asciiLower(text);
  }
  if (text === '') {
    return segment.optional;
  }
  return segment.constraint === undefined || constraints[segment.constraint].test(text);
}

type ParsedRoute = { readonly template: string; readonly methods: readonly string[]; readonly segments: readonly Segment[] };

function weight(segment: Segment | undefined): number {
  switch (segment?.kind) {
    case undefined:
      return 0;
    case 'literal':
      return 1;
    case 'parameter':
      return segment.constraint === undefined ? 3 : 2;
    case 'catchAll':
      return 5;
  }
}

function byPrecedence(one: ParsedRoute, other: ParsedRoute): number {
  const depth = Math.max(one.segments.length, other.segments.length);
  for (let at = 0; at < depth; at += 1) {
    const difference = weight(one.segments[at]) - weight(other.segments[at]);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

function refuseConflicts(routes: readonly ParsedRoute[]): void {
  routes.forEach((route, index) => {
    const conflict = routes
      .slice(index + 1)
      .find((other) => shapeOf(other) === shapeOf(route) && other.methods.some((method) => route.methods.includes(method)));
    if (conflict !== undefined) {
      throw new HostFailure('invalidRoute', `Routes "${route.template}" and "${conflict.template}" answer the same requests.`);
    }
  });
}

function shapeOf(route: ParsedRoute): string {
  return route.segments.map(segmentShape).join('/');
}

function segmentShape(segment: Segment): string {
  switch (segment.kind) {
    case 'literal':
      return asciiLower(segment.text);
    case 'parameter':
      return `{:${segment.constraint ?? ''}}`;
    case 'catchAll':
      return '{*}';
  }
}
