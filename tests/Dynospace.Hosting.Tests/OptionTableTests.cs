using Dynospace.Hosting.Options;
using Microsoft.Extensions.Configuration;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.Hosting.Tests;

public sealed class OptionTableTests
{
    private static readonly OptionTable<Sample> Table = new(
        new Sample(80, "web", null),
        [
            Option(
                "port",
                Port,
                (Sample all) => all.Port,
                (all, port) => all with { Port = port },
                "the port, see [there](#ports)"),
            Option("name", Text(), (Sample all) => all.Name, (all, name) => all with { Name = name }, "`the` name"),
            Option(
                "path",
                TextOrNone("FILE"),
                (Sample all) => all.Path,
                (all, path) => all with { Path = path },
                "a | b",
                "by place"),
        ]);

    private sealed record Sample(int Port, string Name, string? Path);

    [Fact]
    public void Where_a_configuration_is_silent_defaults_hold() =>
        Assert.Equal(new(81, "web", null), Read(("PORT", "81")));

    [Theory]
    [InlineData("prot", "prot: no such option; did you mean port?")]
    [InlineData("names", "names: no such option; did you mean name?")]
    [InlineData("trust", "trust: no such option; see --help for those that exist.")]
    public void An_unknown_option_is_refused_with_the_nearest(string name, string message) =>
        Assert.Equal(message, Assert.Throws<OptionException>(() => Read((name, "1"))).Message);

    [Theory]
    [InlineData]
    [InlineData("--port", "80")]
    [InlineData("--port=80", "--name=")]
    [InlineData("--port", "-1", "--path", "a=b")]
    public void Options_with_values_are_sound(params string[] arguments) => Table.RefuseMalformed(arguments);

    [Theory]
    [InlineData("port: no value is given; write --port value.", "--port")]
    [InlineData("port: no value is given; write --port value.", "--port", "--name", "x")]
    [InlineData("serve: not an option; write options as --name value, and see --help.", "--port", "80", "serve")]
    [InlineData("-p: not an option; write options as --name value, and see --help.", "-p", "80")]
    [InlineData("port=80: not an option; write options as --name value, and see --help.", "port=80")]
    [InlineData("--: not an option; write options as --name value, and see --help.", "--")]
    [InlineData("--=80: not an option; write options as --name value, and see --help.", "--=80")]
    [InlineData("prot: no such option; did you mean port?", "--prot", "80")]
    public void What_would_be_passed_over_is_named(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<OptionException>(() => Table.RefuseMalformed(arguments)).Message);

    [Fact]
    public void Help_has_every_option_with_its_default() => Assert.Equal("""
        Does things.

        Usage:
          program [--name value | --name=value ...]

        Every option can also stand in the environment, as P_NAME.

        Options:
          --port N
              The port, see there. [default: 80]
          --name TEXT
              The name. [default: web]
          --path FILE
              A | b. [default: by place]
          --help
              Show this text.
          --version
              Show the version.

        """.ReplaceLineEndings("\n"), OptionDocuments.Help("program", "Does things.", "P_", Table));

    [Fact]
    public void The_docs_have_a_row_for_each_option() => Assert.Equal("""
        | option | default | |
        |---|---|---|
        | `port` | `80` | the port, see [there](#ports) |
        | `name` | `web` | `the` name |
        | `path` | by place | a \| b |

        """.ReplaceLineEndings("\n"), OptionDocuments.Markdown(Table));

    [Fact]
    public void The_schema_takes_null_for_the_default_and_no_other_field()
    {
        var schema = OptionDocuments.Schema(Table, ["path"]);

        Assert.Equal(["port", "name"], schema["properties"]!.AsObject().Select(property => property.Key));
        Assert.False((bool)schema["additionalProperties"]!);
        Assert.Equal("""["integer","null"]""", schema["properties"]!["port"]!["type"]!.ToJsonString());
    }

    private static Sample Read(params (string Name, string Value)[] given) => Table.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(given.Select(option => new KeyValuePair<string, string?>(option.Name, option.Value)))
            .Build());
}
