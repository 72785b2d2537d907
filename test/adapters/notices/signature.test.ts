import { expect, it } from 'vitest';
import { signatureOf } from '../../../shared/adapters/notices/webhook-receiver.ts';

/** The example of the libraries of Standard Webhooks. */
it('signs as Standard Webhooks does', () => {
  const secret = new Uint8Array(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
  expect(signatureOf(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});
