using System.Globalization;
using System.Net;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.Reachability.Compilation;

/// <summary>Where in which object the compiler reads, so that whatever it refuses it can name.</summary>
internal sealed record ObjectField(string Kind, string Name, string Path)
{
    public static ObjectField Of(string kind, V1ObjectMeta? metadata, bool namespaced)
    {
        var name = metadata?.Name;
        if (string.IsNullOrEmpty(name))
        {
            throw new InvalidObjectException(kind, "without a name", "metadata.name", null, "every object needs a name");
        }

        return new(kind, namespaced ? $"{NamespaceOf(metadata)}/{name}" : name, string.Empty);
    }

    /// <summary>A manifest without a namespace goes to <c>default</c>, as with kubectl.</summary>
    public static string NamespaceOf(V1ObjectMeta? metadata) =>
        string.IsNullOrEmpty(metadata?.NamespaceProperty) ? "default" : metadata.NamespaceProperty;

    public ObjectField Child(string field) => this with { Path = Path.Length == 0 ? field : $"{Path}.{field}" };

    public ObjectField Item(int index) => this with { Path = $"{Path}[{index}]" };

    public InvalidObjectException Invalid(string? value, string problem) => new(Kind, Name, Path, value, problem);

    public TransportProtocol Protocol(string? value) => value switch
    {
        null or "TCP" => TransportProtocol.Tcp,
        "UDP" => TransportProtocol.Udp,
        "SCTP" => TransportProtocol.Sctp,
        _ => throw Invalid(value, "is not a protocol; use TCP, UDP or SCTP"),
    };

    public TransportPort Port(TransportProtocol protocol, int number) =>
        number is >= TransportPort.Lowest and <= TransportPort.Highest
            ? new(protocol, number)
            : throw Invalid(Text(number), $"is not a port; use {TransportPort.Lowest} to {TransportPort.Highest}");

    public IPAddress Address(string? value) =>
        AddressText.TryParse(value, out var address, out var problem) ? address : throw Invalid(value ?? string.Empty, problem);

    public AddressRange Range(string? value) =>
        AddressRange.TryParseMasked(value, out var range, out var problem) ? range : throw Invalid(value ?? string.Empty, problem);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
