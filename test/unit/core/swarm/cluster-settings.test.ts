import fc from 'fast-check';
import { checkClusterSettings, type ClusterSettings } from '../../../../core/swarm/cluster-settings';

const problems = (settings: ClusterSettings): string[] =>
  checkClusterSettings(settings, (setting) => `cluster.${setting}`).map(({ path, message }) => `${path}: ${message}`);

describe('the settings of a swarm', () => {
  it('are right when nothing is said, and at the ends of what Docker takes', () => {
    expect(problems({})).toEqual([]);
    expect(
      problems({
        ...{ autolock: true, rotateUnlockKey: '1', taskHistoryLimit: 0, heartbeatPeriodSeconds: 1 },
        ...{ certificateExpiryHours: 1, snapshotInterval: 1, subnetSize: 29, dataPathPort: 1024 },
        defaultAddressPools: ['10.20.0.0/16', '10.21.0.0/29'],
      }),
    ).toEqual([]);
  });

  it.each([
    [{ certificateExpiryHours: 0 }, /^cluster\.certificateExpiryHours: 0 is not a whole number from 1 to 2562047$/],
    [{ certificateExpiryHours: 0.5 }, /0\.5 is not a whole number/],
    [{ heartbeatPeriodSeconds: 0 }, /^cluster\.heartbeatPeriodSeconds: 0 is not/],
    [{ taskHistoryLimit: -1 }, /^cluster\.taskHistoryLimit: -1 is not/],
    [{ snapshotInterval: 0 }, /^cluster\.snapshotInterval: 0 is not/],
    [{ subnetSize: 30 }, /^cluster\.subnetSize: 30 is not a whole number from 1 to 29$/],
    [{ dataPathPort: 80 }, /^cluster\.dataPathPort: 80 is not a whole number from 1024 to 49151$/],
    [{ autolock: false, rotateUnlockKey: '1' }, /^cluster\.rotateUnlockKey: there is no unlock key without autolock/],
    [
      { defaultAddressPools: ['10.20.0.0'] },
      /^cluster\.defaultAddressPools\[0\]: "10\.20\.0\.0" is not an IPv4 network/,
    ],
    [{ defaultAddressPools: ['10.20.1.0/16'] }, /"10\.20\.1\.0\/16" is not an IPv4 network such as/],
    [{ defaultAddressPools: ['fd00::/64'] }, /is not an IPv4 network/],
    [{ defaultAddressPools: ['10.20.0.0/25'] }, /smaller than one of its networks, which have a prefix of \/24/],
    [{ defaultAddressPools: ['10.20.0.0/16'], subnetSize: 12 }, /prefix of \/12/],
    [
      { defaultAddressPools: ['10.0.0.0/8', '10.20.0.0/16'] },
      /^cluster\.defaultAddressPools\[1\]: 10\.20\.0\.0\/16 overlaps 10\.0\.0\.0\/8$/,
    ],
  ])('are refused as %j', (settings, problem) => {
    expect(problems(settings)).toEqual([expect.stringMatching(problem)]);
  });

  it('take two pools together exactly when they have no address in common', () => {
    const pool = fc.tuple(fc.nat(255), fc.integer({ min: 8, max: 24 })).map(([second, prefix]) => {
      const size = 2 ** (32 - prefix);
      const first = Math.floor((10 * 2 ** 24 + second * 2 ** 16) / size) * size;
      const address = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256).join('.');
      return { text: `${address}/${prefix}`, first, last: first + size - 1 };
    });
    fc.assert(
      fc.property(pool, pool, (one, other) => {
        const apart = one.last < other.first || other.last < one.first;
        expect(problems({ defaultAddressPools: [one.text, other.text] })).toHaveLength(apart ? 0 : 1);
      }),
    );
  });
});
