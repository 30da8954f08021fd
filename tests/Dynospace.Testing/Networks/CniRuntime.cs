using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynospace.Testing.Networks;

/// <summary>What a container runtime does with a node's CNI configuration, by the real plugins.</summary>
public sealed class CniRuntime(NetworkNamespace node, string configurationFolder)
{
    /// <summary>Where the plugins are on this machine; null where they are not.</summary>
    public static string? PluginFolder { get; } =
        new[] { Environment.GetEnvironmentVariable("CNI_PATH"), "/opt/cni/bin", "/usr/lib/cni" }
            .FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "ptp")));

    public static void Require()
    {
        NetworkNamespace.Require();
        Assert.SkipWhen(
            PluginFolder is null,
            "the CNI plugins are not installed (package containernetworking-plugins, or CNI_PATH)");
    }

    /// <summary>Adds a pod to the network.</summary>
    /// <returns>Its address.</returns>
    public async Task<IPAddress> AddAsync(NetworkNamespace pod) => (await AddAllAsync(pod))[0];

    /// <inheritdoc cref="AddAsync"/>
    /// <returns>Its addresses.</returns>
    public async Task<IReadOnlyList<IPAddress>> AddAllAsync(NetworkNamespace pod)
    {
        JsonNode? result = null;
        var configuration = Configuration();
        foreach (var plugin in configuration["plugins"]!.AsArray())
        {
            result = JsonNode.Parse(await RunAsync("ADD", pod, configuration, plugin!, result));
        }

        return
        [
            .. result!["ips"]!.AsArray().Select(ip => IPAddress.Parse(((string)ip!["address"]!).Split('/')[0])),
        ];
    }

    /// <summary>Deletes a pod from the network, which may be gone already.</summary>
    public async Task DeleteAsync(NetworkNamespace pod)
    {
        var configuration = Configuration();
        foreach (var plugin in configuration["plugins"]!.AsArray().Reverse())
        {
            await RunAsync("DEL", pod, configuration, plugin!, null);
        }
    }

    /// <summary>Starts to add a pod, in a process that the caller may end.</summary>
    public Process StartAdd(NetworkNamespace pod)
    {
        var configuration = Configuration();
        return Start("ADD", pod, configuration, configuration["plugins"]![0]!, null);
    }

    private JsonNode Configuration()
    {
        // As runtimes do: the first file in the order of names.
        var file = Directory.GetFiles(configurationFolder, "*.conf*").Order(StringComparer.Ordinal).First();
        return JsonNode.Parse(File.ReadAllText(file))!;
    }

    private async Task<string> RunAsync(
        string command, NetworkNamespace pod, JsonNode configuration, JsonNode plugin, JsonNode? before)
    {
        using var process = Start(command, pod, configuration, plugin, before);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{command} of {(string)plugin["type"]!}: {output}");
    }

    private Process Start(
        string command, NetworkNamespace pod, JsonNode configuration, JsonNode plugin, JsonNode? before)
    {
        var input = plugin.DeepClone();
        input["cniVersion"] = configuration["cniVersion"]!.DeepClone();
        input["name"] = configuration["name"]!.DeepClone();
        if (before is not null)
        {
            input["prevResult"] = before.DeepClone();
        }

        var start = new ProcessStartInfo(
            "ip", ["netns", "exec", node.Name, Path.Combine(PluginFolder!, (string)plugin["type"]!)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["CNI_COMMAND"] = command;
        start.Environment["CNI_CONTAINERID"] = pod.Name;
        start.Environment["CNI_NETNS"] = $"/run/netns/{pod.Name}";
        start.Environment["CNI_IFNAME"] = "eth0";
        start.Environment["CNI_PATH"] = PluginFolder;
        var process = Process.Start(start)!;
        process.StandardInput.Write(input.ToJsonString());
        process.StandardInput.Close();
        return process;
    }
}
