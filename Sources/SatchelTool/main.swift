internal import SatchelCommands

CommandRunner.run(SatchelCommand.self)
