import { defineCommand } from './command-definition.ts';
import { statusSchema } from './status-message.ts';

/** `status`: the message that a device publishes about itself, as it is now. */
export const statusCommand = defineCommand({
  name: 'status',
  asks: 'Asks for the status message.',
  request: {},
  reply: { status: statusSchema },
});
