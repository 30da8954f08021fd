namespace Dynospace.Api.Schema;

/// <summary>Makes a class a custom resource; with <c>KubernetesEntityAttribute</c> all that the CRD's names need.</summary>
/// <param name="scope">Whether objects live in namespaces.</param>
/// <param name="shortNames">What people may type instead of the plural.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute(ResourceScope scope, params string[] shortNames) : Attribute
{
    /// <summary>Whether objects live in namespaces.</summary>
    public ResourceScope Scope { get; } = scope;

    /// <summary>What people may type instead of the plural.</summary>
    public IReadOnlyList<string> ShortNames { get; } = shortNames;

    /// <summary>Scale subresource: the path of the wished number, null for none.</summary>
    public string? SpecReplicasPath { get; init; }

    /// <summary>Scale subresource: the path of the present number.</summary>
    public string? StatusReplicasPath { get; init; }

    /// <summary>Scale subresource: the path of the label selector as a string, for autoscalers.</summary>
    public string? LabelSelectorPath { get; init; }
}
