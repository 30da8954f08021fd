using System.Text.Json.Nodes;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

/// <summary>
/// A namespace of a test, and what iproute2 says about it: another reader than the one that is tested.
/// </summary>
internal sealed class Place : IDisposable
{
    private readonly Testing.Networks.NetworkNamespace _made;

    public Place()
    {
        Testing.Networks.NetworkNamespace.Require();
        _made = new Testing.Networks.NetworkNamespace();
        Namespace = NetworkNamespace.OpenNamed(_made.Name);
        Stack = NetworkStack.Open(Namespace);
    }

    public string Name => _made.Name;

    public NetworkNamespace Namespace { get; }

    public NetworkStack Stack { get; }

    public void Set(string name, string value) => Namespace.Run(() => Sysctl.Write(name, value));

    /// <summary>What <c>ip -d -j</c> prints.</summary>
    public JsonArray Ip(string command)
    {
        var output = Testing.Networks.NetworkNamespace.Run("ip", ["-n", Name, "-d", "-j", .. command.Split(' ')]);
        return JsonNode.Parse(output.Length == 0 ? "[]" : output)!.AsArray();
    }

    /// <summary>One object of <see cref="Ip"/>.</summary>
    public JsonNode IpOne(string command) => Ip(command).Single(item => item!.AsObject().Count > 0)!;

    public Link Link(string name) => Stack.Links.Find(name) ?? throw new InvalidOperationException($"no link {name}");

    public Link Add(LinkDefinition link)
    {
        Stack.Links.Add(link);
        return Link(link.Name);
    }

    public void Dispose()
    {
        Stack.Dispose();
        Namespace.Dispose();
        _made.Dispose();
    }
}
