import type { Command } from '../command';
import { tool } from './tool';

const SETS = 'what it writes is not known';

/** Clients of clouds and clusters: their settings at home, plugins, and files that they are told to write. */
export const CLOUDS: Readonly<Record<string, Command>> = {
  aws: tool({ writes: ['$AWS_CONFIG_FILE:~/.aws', '~/.aws', '.'], asks: /^(?:|help)$/, what: SETS }),
  az: tool({
    writes: ['$AZURE_CONFIG_DIR:~/.azure', '~/.azure', '$AZURE_EXTENSION_DIR:/opt/az', '/usr/local/bin', '.'],
    asks: /^(?:|help)$/,
    keeps: ['$AZURE_CONFIG_DIR:~/.azure'],
    outputs: 'install-location',
    what: SETS,
  }),
  gcloud: tool({
    writes: [
      '~/.config/gcloud',
      '~/.kube',
      '~/.docker',
      '/usr/lib/google-cloud-sdk',
      '/google-cloud-sdk',
      '/usr/local/gcloud',
      '/opt/google-cloud-sdk',
      '~/google-cloud-sdk',
      '/usr/local/google-cloud-sdk',
      '/builder/google-cloud-sdk',
      '/tmp',
    ],
    asks: /^(?:|help)$/,
    keeps: ['~/.config/gcloud'],
    what: SETS,
  }),
  gsutil: tool({ writes: ['~/.gsutil', '.'], asks: /^(?:|help)$/, keeps: ['~/.gsutil'], what: SETS }),
  kubectl: tool({
    writes: ['~/.kube'],
    asks: /^(?:|help|completion)$/,
    what: SETS,
  }),
  kustomize: tool({ writes: ['.'], outputs: 'o output', asks: /^(?:|version|help)$/, what: SETS }),
  helm: tool({
    writes: [
      '$HELM_DATA_HOME:~/.local/share/helm',
      '$HELM_CACHE_HOME:~/.cache/helm',
      '$HELM_CONFIG_HOME:~/.config/helm',
      '~/.helm',
      '.',
      '/tmp',
    ],
    outputs: 'd destination untardir',
    asks: /^(?:|help|env|completion)$/,
    what: SETS,
  }),
  terraform: tool({
    writes: ['.', '~/.terraform.d', '$TF_PLUGIN_CACHE_DIR:~/.terraform.d'],
    asks: /^(?:|help)$/,
    keeps: ['~/.terraform.d'],
    what: SETS,
  }),
  tofu: tool({ writes: ['.', '~/.terraform.d'], asks: /^(?:|help)$/, what: SETS }),
  packer: tool({
    writes: ['.', '~/.packer.d', '~/.config/packer'],
    asks: /^(?:|help)$/,
    keeps: ['~/.packer.d', '~/.config/packer', '~/.cache/packer'],
    what: SETS,
  }),
  'ansible-galaxy': tool({
    writes: ['~/.ansible', '/usr/share/ansible', '/etc/ansible', '.', '/tmp'],
    outputs: 'p roles-path collections-path',
    asks: /^(?:|help)$/,
    keeps: ['~/.ansible'],
  }),
  firebase: tool({
    writes: ['~/.cache/firebase', '~/.config', '.'],
    asks: /^(?:|help)$/,
    keeps: ['~/.config'],
    what: SETS,
  }),
  gh: tool({
    writes: ['~/.config/gh', '~/.local/share/gh', '.'],
    asks: /^(?:|help)$/,
    what: SETS,
  }),
  wp: tool({
    writes: ['.', '$WP_CLI_CACHE_DIR:~/.wp-cli', '~/.wp-cli', '/tmp'],
    outputs: 'path',
    asks: /^(?:|help)$/,
    what: SETS,
  }),
};
