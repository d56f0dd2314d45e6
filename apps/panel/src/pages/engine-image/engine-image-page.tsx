import { useQuery } from '@tanstack/react-query';
import { KeyRound, Server } from 'lucide-react';
import { api, body } from '../../api/client.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useIsManaged } from '../../live/use-is-managed.ts';
import { useLive } from '../../live/use-live.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { SignInLink } from '../../ui/sign-in-link.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { fieldsOf, type JsonSchema } from './schema-field.ts';
import { VariantForm } from './variant-form.tsx';

/** Making engines from an image of one's own. */
export default function EngineImagePage() {
  const canChange = useCanChange();
  const isManaged = useIsManaged();
  const loaded = useLive((state) => state.loaded);
  const { data, error, refetch } = useQuery({
    queryKey: ['custom-variant'],
    queryFn: async ({ signal }) => {
      const [saved, document, platform] = await Promise.all([
        body(api.GET('/api/v1/custom-variant/config', { signal })),
        body(api.GET('/api/v1/openapi.json', { signal })),
        body(api.GET('/api/v1/custom-variant/platform', { signal })),
      ]);
      return { saved, fields: fieldsOf(schemaIn(document)), platform };
    },
    enabled: canChange && isManaged,
    retry: false,
  });
  return (
    <>
      <PageHeader
        title="Custom image"
        back={{ href: '/engines', label: 'Engines' }}
        hint={
          data === undefined
            ? 'Engines from an image of your own.'
            : `Engines from an image of your own. They run on ${data.platform.platform}${data.platform.variant === null ? '' : `, where ${data.platform.variant} fits`}.`
        }
      />
      {loaded && !isManaged ? (
        <div className="card">
          <Empty icon={Server} title="This server makes no engines">
            With ENGINES=docker it does, and then from any image.
          </Empty>
        </div>
      ) : !canChange ? (
        <div className="card">
          <Empty
            icon={KeyRound}
            title="This needs the API key"
            action={<SignInLink className={buttonClass({ variant: 'primary' })} />}
          >
            It may hold secrets.
          </Empty>
        </div>
      ) : error ? (
        <div className="card">
          <Problem error={error} retry={() => void refetch()} />
        </div>
      ) : data === undefined ? (
        <div className="card">
          <Loading lines={8} />
        </div>
      ) : (
        <VariantForm fields={data.fields} saved={data.saved} />
      )}
    </>
  );
}

/** The server's own description, so that its texts and bounds are those of the server that is asked. */
function schemaIn(document: unknown): JsonSchema {
  const { paths } = document as {
    readonly paths: Readonly<
      Record<string, { post: { requestBody: { content: Readonly<Record<string, { schema: JsonSchema }>> } } }>
    >;
  };
  return paths['/api/v1/custom-variant/config']?.post.requestBody.content['application/json']?.schema ?? {};
}
