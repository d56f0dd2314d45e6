import { MapPinOff } from 'lucide-react';
import { PageHeader } from '../ui/page-header.tsx';
import { Empty } from '../ui/state-views.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" />
      <Empty icon={MapPinOff} title="There is nothing at this address">
        The link may be old. The pages that exist are in the menu.
      </Empty>
    </>
  );
}
