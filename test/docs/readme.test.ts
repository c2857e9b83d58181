import { describeBlocks } from '../docs.ts';

describeBlocks('README.md');
