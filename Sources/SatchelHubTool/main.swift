internal import SatchelCommands

CommandRunner.run(SatchelHubCommand.self)
