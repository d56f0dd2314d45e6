import { useLive } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';

/** Images that are being pulled. Nothing while none is. */
export function PullsCard() {
  const pulls = useLive((state) => state.pulls);
  if (pulls.size === 0) return null;
  return (
    <Card title="Image pulls">
      <ul>
        {[...pulls.values()].map(({ image, status }) => (
          <li key={image}>
            {image}: {status}
          </li>
        ))}
      </ul>
    </Card>
  );
}
