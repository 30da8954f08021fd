namespace Dynospace.Runtime.Tests;

public sealed class CommandLineArgumentsTests
{
    [Theory]
    [InlineData]
    [InlineData("--port", "80")]
    [InlineData("--port=80", "--name=")]
    [InlineData("--offset", "-1", "--path", "a=b")]
    public void Options_with_values_are_sound(params string[] arguments) => Assert.Null(CommandLineArguments.FirstMalformed(arguments));

    [Theory]
    [InlineData("port: no value is given; write --port value", "--port")]
    [InlineData("port: no value is given; write --port value", "--port", "--name", "x")]
    [InlineData("serve: no option; give options as --name value", "--port", "80", "serve")]
    [InlineData("-p: no option; give options as --name value", "-p", "80")]
    [InlineData("port=80: no option; give options as --name value", "port=80")]
    [InlineData("--: no option; give options as --name value", "--")]
    [InlineData("--=80: no option; give options as --name value", "--=80")]
    public void What_would_be_passed_over_is_named(string says, params string[] arguments) =>
        Assert.Equal(says, CommandLineArguments.FirstMalformed(arguments));
}
