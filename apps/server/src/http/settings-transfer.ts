import { z } from 'zod';
import { type PlaybackTokens, tokensDocument } from '../auth/playback-tokens.ts';
import { customVariantDocument } from '../custom-variant-config.ts';
import type { Services } from '../services.ts';
import { type Backup, backupSchema, readBackup } from '../settings/backup.ts';
import { loopingDocument } from '../streams/looping-streams.ts';
import type { Routes } from './server.ts';

interface TransferServices extends Pick<Services, 'settings' | 'storage' | 'looping' | 'containers' | 'version'> {
  readonly tokens: PlaybackTokens;
}

const importedSchema = z.object({
  message: z.string(),
  changed: z.array(z.string()).describe('Settings that have another value now'),
  restart_required: z.array(z.string()),
  ignored: z.array(z.string()).describe('What the file has that means nothing here'),
});

/** `/settings/export` and `/settings/import`: everything as one file. */
export function settingsTransferRoutes(services: TransferServices): Routes {
  const { settings, storage, tokens, looping, containers, version } = services;
  return (app, _options, done) => {
    app.addContentTypeParser(
      ['application/zip', 'application/octet-stream'],
      { parseAs: 'buffer' },
      (_request, body, parsed) => parsed(null, body),
    );

    app.get(
      '/settings/export',
      {
        schema: {
          operationId: 'exportSettings',
          summary: 'Everything that survives a restart but the events and the key, as one file',
          tags: ['settings'],
          response: { 200: backupSchema },
        },
        config: { area: 'admin' },
      },
      async (_request, reply): Promise<Backup> => {
        reply.header('content-disposition', 'attachment; filename="acestream-orchestrator.json"');
        return {
          format: 'acestream-orchestrator',
          version: 1,
          exported_at: new Date().toISOString(),
          release: version,
          settings: { ...settings.saved },
          playback_tokens: (storage.document(tokensDocument) ?? []) as Backup['playback_tokens'],
          custom_variant: containers.customVariant(),
          looping_streams: looping.list().map((each) => ({ ...each })),
        };
      },
    );

    app.post(
      '/settings/import',
      {
        schema: {
          operationId: 'importSettings',
          summary: 'Take a file of /settings/export, or an export of the 1.5 release (its ZIP, or its parts in JSON)',
          description:
            'The file is checked whole before anything is changed. One of ours replaces everything; one of the 1.5 release changes what it names.',
          tags: ['settings'],
          body: z.unknown().describe('The file'),
          response: { 200: importedSchema },
        },
        config: { area: 'admin', errors: { 400: ['bad_backup', 'bad_settings'], 503: ['storage_unavailable'] } },
      },
      async (request) => {
        const {
          settings: wanted,
          playbackTokens,
          loopingStreams,
          customVariant,
          ignored,
        } = await readBackup(request.body);
        const isOurs = playbackTokens !== undefined;
        if (customVariant !== undefined) containers.checkCustomVariant(customVariant);
        const documents = {
          ...(customVariant === undefined ? {} : { [customVariantDocument]: customVariant }),
          ...(playbackTokens === undefined ? {} : { [tokensDocument]: playbackTokens }),
          ...(loopingStreams === undefined ? {} : { [loopingDocument]: loopingStreams }),
        };
        const { changed, restartRequired } = await settings.replace(
          isOurs ? wanted : { ...settings.saved, ...wanted },
          (saved) => storage.saveDocuments({ settings: saved, ...documents }),
        );
        if (playbackTokens !== undefined) tokens.reload();
        if (customVariant !== undefined) containers.customVariantSaved();
        if (loopingStreams !== undefined) looping.restore(loopingStreams);
        return {
          message: 'The file was taken',
          changed: [...changed],
          restart_required: [...restartRequired],
          ignored: [...ignored],
        };
      },
    );
    done();
  };
}
