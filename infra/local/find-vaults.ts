import { findVaultsHere } from './vault-names.ts';

/** For `--import`: whatever process loads this finds the vaults of the stand-in. */
findVaultsHere();
