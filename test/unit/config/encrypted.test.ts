import { encryptedPaths } from '../../../config/encrypted';

describe('where an environment file has encrypted values', () => {
  it('is found, by key and number', () => {
    const file =
      'config:\n  swarm:environment:\n    nodes:\n      - name: a\n        password:\n          secure: v1:abc\n';
    expect(encryptedPaths(file)).toEqual([['nodes', 0, 'password']]);
  });

  it('is found among any number of nodes that share their labels by an anchor', () => {
    const nodes = Array.from({ length: 200 }, (_, index) => `      - name: n${index}\n        labels: *zone\n`);
    const first = '      - name: first\n        labels: &zone\n          zone: a\n';
    expect(encryptedPaths(`config:\n  swarm:environment:\n    nodes:\n${first}${nodes.join('')}`)).toEqual([]);
  });
});
