;;; flow-mode.el --- Major mode for .flow files  -*- lexical-binding: t; -*-

;; Author: flowlang
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Colours, indentation, imenu, and the language server by eglot:
;;
;;   (add-to-list 'load-path "/path/to/flowlang/editors/emacs")
;;   (require 'flow-mode)
;;   (add-hook 'flow-mode-hook #'eglot-ensure)
;;
;; `flow-run' runs a file, `flow-show-graph' shows its graph as Mermaid text.

;;; Code:

(require 'imenu)

(defgroup flow nil
  "The flow language."
  :group 'languages)

(defcustom flow-program "flowlang"
  "The flowlang program; the `.venv' of the project comes before it."
  :type 'string
  :safe #'ignore)

(defcustom flow-indent-offset 2
  "Columns of one level of indentation."
  :type 'integer
  :safe #'integerp)

;;;; Words

(defconst flow--declarations
  '("import" "config" "let" "type" "service" "action" "function" "flow" "annotation" "trigger" "test" "mock" "step"
    "on" "from" "native" "python"))

(defconst flow--control
  '("if" "else" "for" "match" "case" "repeat" "parallel" "race" "sequence" "do" "return" "yield" "next"))

(defconst flow--clauses
  '("after" "when" "until" "every" "ensure" "catch" "undo" "with" "as"))

(defconst flow--operators '("and" "or" "not" "in" "is"))

(defconst flow--constants '("true" "false" "none" "null"))

(defun flow--matcher (words)
  "A matcher of font-lock for WORDS that are no fields, keys or names of arguments."
  (let ((pattern (regexp-opt words 'symbols)))
    (lambda (limit)
      (let (found)
        (while (and (not found) (re-search-forward pattern limit t))
          (setq found (save-match-data
                        (not (or (eq (char-before (match-beginning 1)) ?.)
                                 (looking-at-p "[ \t]*\\(?::\\|=\\(?:[^=]\\|$\\)\\)"))))))
        found))))

(defun flow--hole (limit)
  "Find the next hole in a text before LIMIT."
  (let (found)
    (while (and (not found) (re-search-forward "{{\\(\\(?:[^}\n]\\|}[^}\n]\\)*\\)}}" limit t))
      (setq found (save-match-data
                    (save-excursion (memq (nth 3 (syntax-ppss (match-beginning 0))) '(?\" t))))))
    found))

(defvar flow-font-lock-keywords
  `((,(rx symbol-start (group (or "flow" "action" "function" "annotation" "trigger")) (+ blank) (group (+ (any word ?_))))
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    (,(rx symbol-start (group (or "type" "service")) (+ blank) (group (+ (any word ?_))))
     (1 font-lock-keyword-face) (2 font-lock-type-face))
    (,(rx symbol-start (group (or "step" "let" "repeat")) (+ blank) (group (+ (any word ?_))))
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face))
    (,(rx "@" (* blank) (+ (any word ?_))) . font-lock-preprocessor-face)
    (,(flow--matcher (append flow--declarations flow--control flow--clauses flow--operators)) . font-lock-keyword-face)
    (,(flow--matcher flow--constants) . font-lock-constant-face)
    (,(rx symbol-start upper (* (any word ?_))) . font-lock-type-face)
    (,(rx symbol-start (+ digit) (? "." (+ digit)) (or "ms" "s" "m" "h" "d") symbol-end) . font-lock-constant-face)
    (flow--hole (0 font-lock-variable-name-face t)))
  "What font-lock colours besides texts and comments.")

(defvar flow-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?' "\"" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (dolist (sign '(?+ ?- ?* ?/ ?% ?~ ?= ?< ?> ?| ??  ?@ ?. ?!))
      (modify-syntax-entry sign "." table))
    table)
  "Comments, texts and brackets.")

(defconst flow--propertize
  (syntax-propertize-rules
   ;; A text of several lines is one text: its outer quotes are fences.
   ("\"\"\""
    (0 (ignore (flow--fence (match-beginning 0) (match-end 0)))))))

(defun flow--fence (start end)
  "Make a fence of the quotes from START to END where a long text begins or ends."
  (let ((state (save-excursion (syntax-ppss start))))
    (cond
     ((nth 4 state))
     ((not (nth 3 state))
      (put-text-property start (1+ start) 'syntax-table (string-to-syntax "|")))
     ((eq (nth 3 state) t)
      (put-text-property (1- end) end 'syntax-table (string-to-syntax "|"))))))

;;;; Indentation

(defconst flow--sign "[|.+*/%~<>=?-]"
  "Signs at the beginning of a line that continues the one above.")

(defun flow--continues-p (base)
  "Whether the line at point belongs to the statement above, which is at BASE.
An `ensure' does, unless it is a statement itself."
  (cond
   ((looking-at-p flow--sign))
   ((not (looking-at (rx (group (or "after" "when" "until" "ensure" "catch" "undo" "and" "or" "with")) symbol-end
                         (* blank) (not (any ?:))))) nil)
   ((not (equal (match-string 1) "ensure")))
   (t (save-excursion
        (forward-line 0)
        (skip-chars-backward " \t\n")
        (back-to-indentation)
        (or (> (current-column) base)
            (looking-at-p (rx (or (any "])}") (seq (or "step" "do") blank)))))))))

(defun flow--indentation ()
  "The column at which the line at point should begin."
  (save-excursion
    (back-to-indentation)
    (let* ((line (point))
           (state (syntax-ppss))
           (open (nth 1 state)))
      (cond
       ((nth 3 state) (current-column))
       ((not open) (if (looking-at-p flow--sign) flow-indent-offset 0))
       (t (let ((base (save-excursion
                        (goto-char open)
                        (current-indentation))))
            (goto-char line)
            (cond
             ((looking-at-p "[])}]") base)
             ((flow--continues-p (+ base flow-indent-offset)) (+ base (* 2 flow-indent-offset)))
             (t (+ base flow-indent-offset)))))))))

(defun flow-indent-line ()
  "Indent the line at point."
  (interactive)
  (let ((column (flow--indentation)))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;; Commands

(defun flow--program ()
  "The flowlang program of the project, else `flow-program'."
  (let* ((program ".venv/bin/flowlang")
         (has-it (lambda (folder) (file-executable-p (expand-file-name program folder))))
         (root (locate-dominating-file default-directory has-it)))
    (if root (expand-file-name program root) flow-program)))

(defun flow-run (options)
  "Run the file of this buffer with OPTIONS of `flowlang run'."
  (interactive "sflowlang run, options: ")
  (save-buffer)
  (compile (format "%s run %s %s" (shell-quote-argument (flow--program)) (shell-quote-argument buffer-file-name) options)))

(declare-function eglot-current-server "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function jsonrpc-request "jsonrpc")

(defun flow-show-graph ()
  "Show the graph of this buffer's flow beside it, as Mermaid text."
  (interactive)
  (let* ((server (or (eglot-current-server) (user-error "The language server is not running")))
         (graph (jsonrpc-request server :flowlang/graph
                                 (list :textDocument (eglot--TextDocumentIdentifier)))))
    (unless graph (user-error "No graph: the file has errors or no flow"))
    (with-current-buffer (get-buffer-create "*flow graph*")
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert (plist-get graph :mermaid)))
      (special-mode)
      (display-buffer (current-buffer)))))

(defun flow--contact (&rest _)
  "How eglot starts the language server."
  (list (flow--program) "lsp"))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons '(flow-mode :language-id "flow") #'flow--contact)))

;;;; Mode

(defvar flow-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'flow-run)
    (define-key map (kbd "C-c C-g") #'flow-show-graph)
    map)
  "Keys of `flow-mode'.")

;;;###autoload
(define-derived-mode flow-mode prog-mode "Flow"
  "Major mode for flows."
  (setq-local comment-start "# "
              comment-start-skip "#+!?[ \t]*"
              indent-tabs-mode nil
              indent-line-function #'flow-indent-line
              electric-indent-chars (append "])}" electric-indent-chars)
              syntax-propertize-function flow--propertize
              font-lock-defaults '(flow-font-lock-keywords)
              imenu-generic-expression
              `(("Flows" ,(rx bol "flow" (+ blank) (group (+ (any word ?_)))) 1)
                ("Types" ,(rx bol "type" (+ blank) (group (+ (any word ?_)))) 1)
                ("Services" ,(rx bol "service" (+ blank) (group (+ (any word ?_)))) 1)
                ("Steps" ,(rx bol (+ blank) "step" (+ blank) (group (+ (any word ?_)))) 1))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.flow\\'" . flow-mode))

(provide 'flow-mode)
;;; flow-mode.el ends here
