import { PageHeader } from '../../ui/page-header.tsx';
export default function LoopingPage() {
  return <PageHeader title="Looping" />;
}
