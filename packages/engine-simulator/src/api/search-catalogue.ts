import type { Channel } from '../channel.ts';
import { CHANNELS } from '../channels.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ApiContext } from './api-context.ts';

const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 10;

/** `/search`: finds catalogue channels by name and category; answers with infohashes, not content ids. */
export function serveSearch(exchange: Exchange, api: ApiContext): void {
  exchange.json(searchCatalogue(exchange.request.query, api.engine.settings.now()));
}

/** The answer to a search; pages count from 0 and hold up to 200 names. */
export function searchCatalogue(query: URLSearchParams, nowMs: number): Readonly<Record<string, unknown>> {
  const words = (query.get('query') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const category = query.get('category')?.toLowerCase();
  const found = CHANNELS.filter(
    ({ name, categories }) =>
      words.every((word) => name.toLowerCase().includes(word)) && (!category || categories.includes(category)),
  );
  const pageSize = Math.min(MAX_PAGE_SIZE, wholeNumber(query.get('page_size'), DEFAULT_PAGE_SIZE));
  const start = wholeNumber(query.get('page'), 0) * pageSize;
  const results = found.slice(start, start + pageSize).map((channel) => describeResult(channel, nowMs));
  return { result: { total: found.length, results, time: 0.01 } };
}

function describeResult(channel: Channel, nowMs: number): Readonly<Record<string, unknown>> {
  const item = {
    name: channel.name,
    infohash: channel.infohash,
    status: 2,
    availability: 1,
    availability_updated_at: Math.floor(nowMs / 1000),
    categories: channel.categories,
    countries: channel.countries,
    languages: channel.languages,
    bitrate: Math.round(channel.bitsPerSecond / 8),
    channel_id: CHANNELS.indexOf(channel) + 1,
  };
  return { name: channel.name, icons: [], items: [item] };
}

function wholeNumber(text: string | null, fallback: number): number {
  const value = Number(text ?? fallback);
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback;
}
