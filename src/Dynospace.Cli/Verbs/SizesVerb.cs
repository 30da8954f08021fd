using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Cli.Client;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Dynos;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace sizes</c>: what each dyno size gives. Asks no cluster.</summary>
public static class SizesVerb
{
    public static Command Create(CliEnvironment environment)
    {
        var format = WordOption.Create("--output", ["-o"], "How the result is printed", "FORMAT", OutputFormat.Text);
        var command = new DetailedCommand("sizes", "List the dyno sizes and what each gives.", """
            MEMORY is where the process is ended (R14); GUARANTEED is what the node keeps for it. Processor time is
            shared by CPU shares and without a limit. THREADS is the platform's limit of processes and threads; the
            node's kubelet (podPidsLimit) enforces its own.

            Examples:
              dynospace sizes
              dynospace scale -a shop web=2:Standard-2X

            """)
        { format };
        command.SetAction(parsed => Run(environment, parsed.GetValue(format)));
        return command;
    }

    private static int Run(CliEnvironment environment, OutputFormat format)
    {
        if (format != OutputFormat.Text)
        {
            var array = new JsonArray([.. DynoSize.All.Select(size => new JsonObject
            {
                ["name"] = size.Name,
                ["memoryLimit"] = size.MemoryLimit,
                ["memoryRequest"] = size.MemoryRequest,
                ["cpuRequest"] = size.Processor,
                ["threads"] = size.Threads,
                ["spaces"] = size.IsPrivate ? "Private, Shield" : "all",
            })]);
            environment.Out.Write(
                format == OutputFormat.Yaml ? Api.Yaml.YamlWriter.Write(array) : PrintedJson.Format(array));
            return 0;
        }

        var table = new TextTable("SIZE", "MEMORY", "GUARANTEED", "CPU SHARE", "THREADS", "SPACES");
        foreach (var size in DynoSize.All)
        {
            table.Add(
                size.Name,
                size.MemoryLimit,
                size.MemoryRequest,
                size.Processor,
                size.Threads.ToString(CultureInfo.InvariantCulture),
                size.IsPrivate ? "Private, Shield" : "all");
        }

        table.Write(environment.Out);
        return 0;
    }
}
