import { useQueryClient } from '@tanstack/react-query';
import { Download, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { problemText } from '../../api/api-problem.ts';
import { api, body } from '../../api/client.ts';
import { formatPlural } from '../../format/number.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { toast } from '../../ui/toaster.tsx';

/** All settings as one file, out and in. */
export function BackupCard() {
  const queries = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [picked, setPicked] = useState<File>();
  const exportAll = async (): Promise<void> => {
    try {
      const content = await body(api.GET('/api/v1/settings/export'));
      saveFile('acestream-orchestrator-settings.json', JSON.stringify(content, undefined, 2));
    } catch (error) {
      toast(problemText(error), { failed: true });
    }
  };
  const importAll = async (file: File): Promise<void> => {
    const isZip = file.name.toLowerCase().endsWith('.zip');
    const { changed, restart_required } = await body(
      api.POST('/api/v1/settings/import', {
        body: file,
        bodySerializer: () => file,
        headers: { 'content-type': isZip ? 'application/zip' : 'application/json' },
      }),
    );
    const restart = restart_required.length === 0 ? '' : ` After a restart: ${restart_required.join(', ')}.`;
    toast(`${file.name} was imported, ${formatPlural(changed.length, 'setting')} changed.${restart}`);
    await queries.invalidateQueries();
  };
  return (
    <Card
      title="Backup"
      hint="Everything that is set, as one file. A file is checked whole before anything of it is applied; backups of release 1.5 are understood."
    >
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void exportAll()}>
          <Download /> Export
        </Button>
        <Button onClick={() => picker.current?.click()}>
          <Upload /> Import…
        </Button>
        <input
          ref={picker}
          type="file"
          accept=".json,.zip"
          className="sr-only"
          tabIndex={-1}
          aria-label="File to import"
          onChange={(event) => {
            setPicked(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      {picked && (
        <Confirm
          open
          onOpenChange={() => setPicked(undefined)}
          title={`Import ${picked.name}?`}
          action="Import"
          onConfirm={() => importAll(picked)}
        >
          Settings, playback tokens and looping streams of the file replace the present ones; a file of release 1.5
          changes what it names. Streams go on; what needs a restart waits for one.
        </Confirm>
      )}
    </Card>
  );
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
