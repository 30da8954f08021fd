using System.CommandLine;
using System.Text.RegularExpressions;
using Dynospace.Cli.Drains;
using Dynospace.Cli.Logs;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace drain</c>: the manifests that send a space's logs away.</summary>
public static partial class DrainCommand
{
    private const string Details = """
        Prints the manifests of Vector, which reads the logs of one space on each node, and those of the space's own
        routers, and sends them to an HTTPS endpoint (JSON, a line each) or a syslog server over TLS (RFC 5424 and
        5425). They are for the platform team to look at and to apply: the collector reads files of the nodes. One drain
        for a space; another --to is another configuration of the same. With --source recorder it is a separate drain
        for what is typed into runs of a Shield space. Lines are sent in batches of 500 or after 250 ms, and cut after
        10,000 characters. This asks no cluster and changes nothing.

        Examples:
          dynospace drain acme-prod --to https://logs.example.com/in | kubectl apply -f -
          dynospace drain acme-prod --to https://logs.example.com/in --secret acme-drain > drain.yaml
          dynospace drain acme-prod --to syslog+tls://logs.example.com:6514 | kubectl diff -f -
          dynospace drain acme-prod --to https://audit.example.com/in --source recorder | kubectl apply -f -

        """;

    private const string Namespace = "NAMESPACE";

    private const string UsualImage = "docker.io/timberio/vector:0.50.0-distroless-libc";

    public static Command Create(CliEnvironment environment)
    {
        var space = new Argument<string>("SPACE") { Description = "The space whose logs are sent." };
        var to = new Option<string>("--to")
        {
            Description = "Where they go: https://HOST/PATH or syslog+tls://HOST:PORT.",
            HelpName = "URL",
            Required = true,
        };
        var secret = new Option<string?>("--secret")
        {
            Description = "A Secret beside the drain whose key authorization is sent as that header, HTTPS only.",
            HelpName = "NAME",
        };
        var system = Text(
            "--system-namespace", Namespace, "Where the operator and the routers run.", "dynospace-system");
        var own = Text("--drain-namespace", Namespace, "Where the drain runs.", "dynospace-drains");
        var image = Text("--image", "IMAGE", "The image of Vector.", UsualImage);
        var source = new Option<string?>("--source")
        {
            Description = "Only recorder (what is typed into runs of a Shield space).",
            HelpName = "SOURCE",
        };
        source.CompletionSources.Add(LogSources.Recorder);
        var command = new DetailedCommand("drain", "Print what sends a space's logs away.", Details)
        {
            space, to, source, secret, system, own, image,
        };
        command.SetAction(parsed =>
        {
            var target = DrainTarget.Parse(parsed.GetValue(to)!);
            if (target.IsSyslog && parsed.GetValue(secret) is not null)
            {
                throw new CliException("--secret is for https:// alone: a syslog server takes no header.");
            }

            if (parsed.GetValue(source) is { } only and not LogSources.Recorder)
            {
                throw new CliException($"--source '{only}' is not known for a drain: use recorder, or leave it out.");
            }

            environment.Out.Write(new LogDrain(
                Name("SPACE", parsed.GetValue(space)!),
                target,
                Name("--system-namespace", parsed.GetValue(system)!),
                Name("--drain-namespace", parsed.GetValue(own)!),
                Image(parsed.GetValue(image)!),
                parsed.GetValue(secret) is { } name ? Name("--secret", name) : null)
            {
                IsOfRecords = parsed.GetValue(source) is not null,
            }.ToYaml());
            return 0;
        });
        return command;
    }

    private static Option<string> Text(string name, string helpName, string description, string usual) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => usual,
    };

    /// <summary>The text is inserted into YAML, so it must be nothing but a name.</summary>
    private static string Name(string what, string text) => NamePattern().IsMatch(text)
        ? text
        : throw new CliException(
            $"{what} '{text}' is not a valid name: use at most 50 lower-case letters, digits and hyphens.");

    private static string Image(string text) => ImagePattern().IsMatch(text)
        ? text
        : throw new CliException($"--image '{text}' is not the name of an image: use one such as {UsualImage}.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[A-Za-z0-9][-A-Za-z0-9._/:@]*$")]
    private static partial Regex ImagePattern();
}
