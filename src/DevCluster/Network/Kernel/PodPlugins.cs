using System.Net;
using System.Text.Json.Nodes;

namespace DevCluster.Network.Kernel;

/// <summary>
/// Connects a pod with the CNI plugins of this machine, as a container runtime does: <c>ptp</c> for the link and
/// <c>static</c> for the addresses, which the cluster assigns.
/// </summary>
internal sealed class PodPlugins
{
    private const string Link = "ptp";
    private const string Addresses = "static";

    private readonly string _folder;

    private PodPlugins(string folder) => _folder = folder;

    /// <summary>
    /// Finds the plugins in CNI_PATH or the folders where packages install them; null if they are absent.
    /// </summary>
    public static PodPlugins? Find() =>
        new[] { Environment.GetEnvironmentVariable("CNI_PATH"), "/opt/cni/bin", "/usr/lib/cni" }
            .OfType<string>()
            .Where(folder => new[] { Link, Addresses }.All(plugin => File.Exists(Path.Combine(folder, plugin))))
            .Select(folder => new PodPlugins(folder))
            .FirstOrDefault();

    /// <summary>Adds the pod's <c>eth0</c>, which is removed with the pod's namespace.</summary>
    /// <exception cref="NetworkException">A plugin reports an error.</exception>
    public Task AddAsync(
        Netns node,
        Netns pod,
        IEnumerable<(IPAddress Address, int PrefixLength, IPAddress Gateway)> addresses,
        CancellationToken cancellationToken)
    {
        // The addresses are unique, so duplicate address detection would only make the plugin wait a second or two.
        const string detection = "ipv6/conf/default/accept_dad";
        if (Netns.HasIPv6)
        {
            pod.Set([(detection, "0")]);
            node.Set([(detection, "0")]);
        }

        return Commands.RunAsync(
            "nsenter",
            [
                $"--net={node.Path}",
                "env",
                "CNI_COMMAND=ADD",
                $"CNI_CONTAINERID={pod.Name}",
                $"CNI_NETNS={pod.Path}",
                "CNI_IFNAME=eth0",
                $"CNI_PATH={_folder}",
                Path.Combine(_folder, Link),
            ],
            Configuration([.. addresses]).ToJsonString(),
            cancellationToken);
    }

    private static JsonObject Configuration(
        IReadOnlyList<(IPAddress Address, int PrefixLength, IPAddress Gateway)> addresses) => new()
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = "devcluster",
            ["type"] = Link,
            ["ipMasq"] = false,
            ["ipam"] = new JsonObject
            {
                ["type"] = Addresses,
                ["addresses"] = new JsonArray([.. addresses.Select(item => new JsonObject
                {
                    ["address"] = $"{item.Address}/{item.PrefixLength}",
                    ["gateway"] = item.Gateway.ToString(),
                })]),
                ["routes"] = new JsonArray([.. addresses.Select(item => new JsonObject
                {
                    ["dst"] = item.PrefixLength > 32 ? "::/0" : "0.0.0.0/0",
                })]),
            },
        };
}
