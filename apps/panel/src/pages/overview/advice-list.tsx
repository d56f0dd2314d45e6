import { clsx } from 'clsx';
import { ChevronRight, CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useHealth } from '../../api/health.ts';
import { useEngines, useLive, useStreams } from '../../live/use-live.ts';
import { type Advice, adviceFor } from '../../model/advice.ts';
import { toneText } from '../../ui/tone.ts';

const icons = { bad: CircleAlert, warn: TriangleAlert, info: Info } as const;
const edges = { bad: 'border-l-bad', warn: 'border-l-warn', info: 'border-l-info' } as const;

/** What is wrong and what to do about it; nothing when nothing is. */
export function AdviceList() {
  const status = useLive((state) => state.status);
  const advice = adviceFor({ status, engines: useEngines(), streams: useStreams(), health: useHealth().data });
  if (advice.length === 0) return null;
  return (
    <ul aria-label="Needs attention" className="space-y-2">
      {advice.map((each) => (
        <AdviceItem key={each.title} advice={each} />
      ))}
    </ul>
  );
}

function AdviceItem({ advice: { tone, title, text, href } }: { readonly advice: Advice }) {
  const Icon = icons[tone];
  const content = (
    <>
      <Icon className={clsx('mt-0.5 size-4.5 shrink-0', toneText[tone])} aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        <span className="block text-sm text-muted">{text}</span>
      </span>
    </>
  );
  const look = clsx('card flex items-start gap-3 border-l-4 px-4 py-2.5', edges[tone]);
  return (
    <li>
      {href === undefined ? (
        <div className={look}>{content}</div>
      ) : (
        <a href={`#${href}`} className={clsx(look, 'hover:bg-hover')}>
          {content}
          <ChevronRight className="mt-1 size-4 shrink-0 text-muted" aria-hidden="true" />
        </a>
      )}
    </li>
  );
}
