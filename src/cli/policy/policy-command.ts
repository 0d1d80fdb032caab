import { Command } from 'commander';
import type { CommandPorts } from '../ports.js';
import { approveCommand, demandCommand, diffCommand, shadowCommand } from './compare-commands.js';
import { devCommand } from './dev-command.js';
import { buildCommand, checkCommand, newCommand, testCommand } from './folder-commands.js';
import { keysCommand, signCommand } from './key-commands.js';
import {
  activateCommand,
  deactivateCommand,
  listCommand,
  pushCommand,
  rollbackCommand,
  sourcesCommand,
  statusCommand,
  trustCommand,
} from './shelf-commands.js';

/** `tilgang policy`: the rules of an application, from an empty folder to a gateway that judges by them. @param done is told the exit code of a command that found something wrong */
export function policyCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('policy')
    .description("write, test and ship an application's own rules")
    .addCommand(newCommand(ports))
    .addCommand(checkCommand(ports, done))
    .addCommand(testCommand(ports, done))
    .addCommand(buildCommand(ports))
    .addCommand(devCommand(ports, done))
    .addCommand(signCommand())
    .addCommand(keysCommand(ports))
    .addCommand(pushCommand(ports))
    .addCommand(listCommand(ports))
    .addCommand(activateCommand(ports))
    .addCommand(rollbackCommand(ports, done))
    .addCommand(deactivateCommand(ports))
    .addCommand(trustCommand(ports))
    .addCommand(statusCommand(ports))
    .addCommand(sourcesCommand(ports))
    .addCommand(diffCommand(ports, done))
    .addCommand(approveCommand(ports))
    .addCommand(demandCommand(ports))
    .addCommand(shadowCommand(ports));
}
