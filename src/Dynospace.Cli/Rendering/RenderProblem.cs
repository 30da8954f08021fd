using Dynospace.Api;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What the operator would say of an object that it cannot do as wished.</summary>
/// <param name="Subject">The object, <c>App acme/shop</c>.</param>
/// <param name="Reason">The reason that its condition would show.</param>
/// <param name="Message">Field, value and remedy.</param>
internal sealed record RenderProblem(string Subject, Reason Reason, string Message)
{
    /// <summary>Whether the object is still made as its spec asks.</summary>
    public bool IsWarning => Reason.Nature == ReasonNature.Warning;

    public static RenderProblem Of(IKubernetesObject<V1ObjectMeta> subject, Problem problem) => new(
        $"{subject.Kind} {(subject.Metadata.NamespaceProperty is { } ns ? ns + "/" : "")}{subject.Metadata.Name}", problem.Reason, problem.Message);

    public override string ToString() => $"{(IsWarning ? "warning: " : "")}{Subject}: {Reason}: {Message}";
}
