import { app, type HttpRequest } from '@azure/functions';
import { floorRows, makeFloorClients } from './floor-clients.ts';

/** A function app that takes rows and does the least with them that keeps them safe; what submitting an operation costs is held against it. */
const clients = makeFloorClients(process.env['STORAGE'] ?? '', process.env['SERVICE_BUS'] ?? '');

app.http('floor', {
  authLevel: 'anonymous',
  methods: ['POST'],
  route: 'api/floor',
  handler: async (request: HttpRequest) => {
    await clients.sendAndStore(floorRows.parse(await request.json()));
    return { status: 202, jsonBody: { status: 'approved' } };
  },
});
