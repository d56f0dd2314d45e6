import { stat } from 'node:fs/promises';

/**
 * What to do about a socket that may not be opened: who this process is, whose the socket is, and the line that mends
 * it, for a container and for a process.
 */
export async function socketAdvice(socketPath: string): Promise<string> {
  const uid = process.getuid?.() ?? -1;
  const gid = process.getgid?.() ?? -1;
  const groups = (process.getgroups?.() ?? []).join(', ');
  const who = `This process has uid ${uid}, gid ${gid} and the groups ${groups === '' ? 'none' : groups}`;
  try {
    const socket = await stat(socketPath);
    const whose = `${socketPath} belongs to uid ${socket.uid}, gid ${socket.gid} (mode ${(socket.mode & 0o777).toString(8)})`;
    if (socket.gid === 0 || (socket.mode & 0o060) !== 0o060) {
      return `${who}; ${whose}, which lets no other group in: run \`sudo chown root:${gid} ${socketPath} && sudo chmod g+rw ${socketPath}\` on the host`;
    }
    return `${who}; ${whose}: in docker-compose.yml add \`group_add: ["${socket.gid}"]\` to this service, with docker run \`--group-add ${socket.gid}\`; outside of containers put its user into the group ${socket.gid}`;
  } catch {
    return `${who}, and may not even look at ${socketPath}`;
  }
}
