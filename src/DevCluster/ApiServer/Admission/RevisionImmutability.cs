using System.Collections.Concurrent;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// Keeps the <c>data</c> of a ControllerRevision immutable. The real API server compares bytes: a client's bytes are
/// stored as sent, but most patches write the object again with sorted keys and Go's escapes. A revision whose data is
/// not in that form can therefore never be patched, not even its metadata, and an orphan deletion of its owner, which
/// patches the revision, never completes.
/// </summary>
internal sealed class RevisionImmutability : IAdmissionPlugin
{
    private readonly ConcurrentDictionary<string, string> _sent = new(StringComparer.Ordinal);

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.ControllerRevisions || context.Subresource is not null)
        {
            return;
        }

        var uid = (context.Object ?? context.Old).Text("metadata", "uid") ?? "";
        switch (context.Operation)
        {
            case AdmissionOperation.Create when !context.DryRun && context.Options.Data.Text is { } text:
                _sent[uid] = text;
                break;
            case AdmissionOperation.Update:
                Compare(context, uid);
                break;
            case AdmissionOperation.Delete
                when !context.DryRun && context.Old?.Map("metadata").Texts("finalizers") is not { Count: > 0 }:
                _sent.TryRemove(uid, out _);
                break;
        }
    }

    private void Compare(AdmissionContext context, string uid)
    {
        var (old, wanted) = (context.Old.At("data"), context.Object.At("data"));
        var before = _sent.GetValueOrDefault(uid) ?? GoText.Json(old);
        var after = context.Options.Data switch
        {
            { Text: { } sent } => sent,
            { KeepsOrder: true } when old.SameAs(wanted) => GoText.EscapeJson(before),
            { KeepsOrder: true } => GoText.EscapeJson(wanted?.ToJsonString(RelaxedJson.Options) ?? "null"),
            _ => GoText.Json(wanted),
        };
        if (before != after)
        {
            throw ApiErrors.Invalid(
                context.Resource.Group,
                "ControllerRevision",
                context.Name,
                FieldErrors.InvalidShown(FieldPath.At("data"), GoText.EscapeJson(after), "field is immutable"));
        }
    }
}
